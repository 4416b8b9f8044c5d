import * as z from 'zod';
import type { Configuration } from '../configuration/configuration.ts';
import { CHARGE_FIELDS, DETECTOR_ACTIONS, type Detector } from '../detection/detector.ts';
import { NORMALISERS } from '../detection/normalise.ts';
import type { FreezeOrder } from '../refunds/freeze.ts';
import type { Released } from '../refunds/released-by-thaw.ts';
import { frozenSchema, frozenView } from './freeze-view.ts';
import { count, minor, named, type View } from './view-schema.ts';

const byCurrency = z.record(z.string(), minor);
const detector = z.strictObject({
  id: z.string(),
  key: z.array(z.enum(CHARGE_FIELDS)),
  same: z.array(z.enum(CHARGE_FIELDS)),
  orders: z.boolean(),
  normalise: z.partialRecord(z.enum(CHARGE_FIELDS), z.array(z.enum(NORMALISERS))),
  near: z.strictObject({ percent: z.number(), minor }).optional(),
  windowMs: count,
  reviewWindowMs: count,
  isChainUnlimited: z.boolean(),
  latenessMs: count,
  retainMs: count,
  graceMs: count,
  action: z.enum(DETECTOR_ACTIONS),
  exemptMccs: z.array(z.string()),
});

/** What is configured, and whether all refunds are frozen. Secrets are named nowhere in it. */
export const settingsViewSchema = z
  .strictObject({
    /** Names the configuration: flags record it. */
    configuration: z.string(),
    history: z.enum(['hold', 'judge']),
    /** Strongest first. */
    detectors: z.array(detector),
    limitMinor: byCurrency,
    budgetPerHourMinor: z.strictObject({ merchant: byCurrency, total: byCurrency }),
    capPerHourMinor: z.strictObject({ merchant: byCurrency, total: byCurrency }),
    twoPeopleAboveMinor: byCurrency,
    approverPerHourMinor: byCurrency,
    /** What becomes of a hold that nobody answers. */
    holds: z.strictObject({ escalateAfterMs: count, expireAfterMs: count }),
    /** What is otherwise for one merchant: only what differs is told. */
    merchants: z.array(
      z.strictObject({
        merchant: z.string(),
        detectors: z.array(z.strictObject({ id: z.string(), action: z.enum(DETECTOR_ACTIONS), windowMs: count })),
        limitMinor: byCurrency.optional(),
        budgetPerHourMinor: byCurrency.optional(),
        capPerHourMinor: byCurrency.optional(),
      }),
    ),
    frozen: frozenSchema.optional(),
  })
  .register(named, { id: 'Settings' });

export interface Configured {
  readonly configuration: Configuration;
  readonly configurationHash: string;
}

export function settingsView(
  { configuration, configurationHash }: Configured,
  freeze: FreezeOrder | undefined,
  releases: Released | undefined,
): View<typeof settingsViewSchema> {
  const { history, detectors, refunds, merchants } = configuration;
  const { limitMinor, budgetPerHourMinor, capPerHourMinor, twoPeopleAboveMinor, approverPerHourMinor } = refunds;
  return {
    configuration: configurationHash,
    history,
    detectors: detectors.map(detectorView),
    limitMinor,
    budgetPerHourMinor,
    capPerHourMinor,
    twoPeopleAboveMinor,
    approverPerHourMinor,
    holds: refunds.holds,
    merchants: Object.entries(merchants).map(([merchant, change]) => ({
      merchant,
      detectors: detectors.flatMap(({ id, action, windowMs }) => {
        const changed = change.detectors[id];
        if (changed === undefined) return [];
        return [{ id, action: changed.action ?? action, windowMs: changed.windowMs ?? windowMs }];
      }),
      limitMinor: change.limitMinor,
      budgetPerHourMinor: change.budgetPerHourMinor,
      capPerHourMinor: change.capPerHourMinor,
    })),
    frozen: frozenView(freeze, releases),
  };
}

function detectorView({ exemptMccs, ...rest }: Detector) {
  return { ...rest, exemptMccs: [...exemptMccs] };
}
