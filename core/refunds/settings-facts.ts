import type { Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import type { JudgedFacts } from '../cases/judged-facts.ts';
import type { Unconfirmed } from '../cases/unconfirmed.ts';
import { iso } from '../clock-units.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { ruleChangeOf } from '../detection/epoch.ts';
import type { Suspension } from '../detection/suspensions.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import { hourlyCapsOf } from './hourly-caps.ts';
import type { RefundSettings } from './refund-settings.ts';
import type { Silence } from './silence.ts';

/** What the facts of a refund are gathered from. */
export interface Judged {
  readonly flag: Flag;
  /** The deciding windows with their records; undefined where they are gone. */
  readonly facts: EvidenceFacts | undefined;
  readonly configuration: RefundSettings & Pick<DetectorCatalog, 'detectorFor' | 'namespaceOf'>;
  /** What the processor's record showed; a judgement without a lookup has none. */
  readonly unconfirmed?: Unconfirmed | undefined;
  readonly silent?: Silence | undefined;
  /** Other cases of the payer with a refund within 24 hours. */
  readonly otherCases?: number | undefined;
  /** Suspended attestations of the merchant. */
  readonly suspensions?: readonly Suspension[];
}

/** Returns what the budgets of the clock hour allow. Only the reservation knows which of them is spent. */
export function budgetFacts(
  { charge }: Flag,
  settings: Pick<RefundSettings, 'merchants' | 'refunds'>,
  nowMs: Ms,
): JudgedFacts {
  const { merchantMaxMinor, totalMaxMinor } = hourlyCapsOf(charge, settings);
  return {
    budget: {
      hour: iso(nowMs).slice(0, 13),
      ...(merchantMaxMinor !== undefined && { merchantMaxMinor }),
      ...(totalMaxMinor !== undefined && { totalMaxMinor }),
    },
  };
}

export function payerOf({ otherCases, configuration: { refunds } }: Judged): JudgedFacts {
  return otherCases === undefined ? {} : { 'payer-often': { otherCases, casesMax: refunds.payerCasesPerDay } };
}

/** The lowest of the bounds: no refund above the cap of a whole hour ever goes automatically either. */
export function limitOf({ flag: { charge }, configuration }: Judged): JudgedFacts {
  const { source, merchant, currency } = charge;
  const { merchants, refunds, sourceOf } = configuration;
  if (sourceOf(source)?.currencies?.has(currency) === false) return { limit: {} };
  const { merchantMaxMinor, totalMaxMinor } = hourlyCapsOf(charge, configuration);
  const limitMinor = merchants[merchant]?.limitMinor?.[currency] ?? refunds.limitMinor[currency];
  const bounds = [limitMinor, merchantMaxMinor, totalMaxMinor].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? {} : { limit: { limitMinor: Math.min(...bounds) } };
}

export function retentionOf({ flag, configuration }: Judged): JudgedFacts {
  const retainMs = configuration.detectorFor(flag.detector, flag.charge)?.retainMs;
  return retainMs === undefined ? {} : { stale: { retainMs } };
}

export function windowOf({ flag, configuration }: Judged): JudgedFacts {
  const windowMs = configuration.detectorFor(flag.detector, flag.charge)?.windowMs;
  return windowMs === undefined ? {} : { 'late-copy': { windowMs } };
}

export function actionOf({ flag, configuration }: Judged): JudgedFacts {
  const action = configuration.detectorFor(flag.detector, flag.charge)?.action ?? 'none';
  const change = ruleChangeOf(flag, configuration);
  return { 'configuration-changed': { action, ...(change !== undefined && change !== 'gone' && { change }) } };
}
