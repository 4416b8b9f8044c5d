import type { Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import type { JudgedFacts } from '../cases/judged-facts.ts';
import type { Unconfirmed } from '../cases/unconfirmed.ts';
import { iso } from '../clock-units.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { ruleChangeOf } from '../detection/epoch.ts';
import type { Suspension } from '../detection/suspensions.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import { type CapSettings, hourlyBudgetsOf, hourlyCapsOf } from './hourly-caps.ts';
import type { SpentRamp } from './ramp.ts';
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

/** Returns what the clock hour allows. Only the counters know which of the bounds is reached. */
export function budgetFacts({ charge }: Flag, { isApproved, settings, nowMs }: HourOfRefund): JudgedFacts {
  const { merchantMaxMinor, totalMaxMinor } = (isApproved ? hourlyCapsOf : hourlyBudgetsOf)(charge, settings);
  return {
    budget: {
      hour: iso(nowMs).slice(0, 13),
      ...(isApproved && { of: 'all-refunds' }),
      ...(merchantMaxMinor !== undefined && { merchantMaxMinor }),
      ...(totalMaxMinor !== undefined && { totalMaxMinor }),
    },
  };
}

/** Returns what the first week of an attestation allows: less than the hour or the limit do. */
export function rampFacts(ramp: SpentRamp, { nowMs }: Pick<HourOfRefund, 'nowMs'>): JudgedFacts {
  return { budget: { hour: iso(nowMs).slice(0, 13), ramp }, limit: { limitMinor: ramp.maxMinor } };
}

interface HourOfRefund {
  readonly isApproved: boolean;
  readonly settings: CapSettings;
  readonly nowMs: Ms;
}

export function payerOf({ otherCases, configuration: { refunds } }: Judged): JudgedFacts {
  return otherCases === undefined ? {} : { 'payer-often': { otherCases, casesMax: refunds.payerCasesPerDay } };
}

/** The lowest of the bounds: no refund above the cap of a whole hour ever goes automatically either. */
export function limitOf({ flag: { charge }, configuration }: Judged): JudgedFacts {
  const { source, merchant, currency } = charge;
  const { merchants, refunds, sourceOf } = configuration;
  if (sourceOf(source)?.currencies?.has(currency) === false) return { limit: {} };
  const { merchantMaxMinor, totalMaxMinor } = hourlyBudgetsOf(charge, configuration);
  const limitMinor = merchants[merchant]?.limitMinor?.[currency] ?? refunds.limitMinor[currency];
  const bounds = [limitMinor, merchantMaxMinor, totalMaxMinor].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? {} : { limit: { limitMinor: Math.min(...bounds) } };
}

/** The lower of the caps: no refund above it goes before it is raised. */
export function capOf({ flag: { charge }, configuration }: Judged): JudgedFacts {
  if (configuration.sourceOf(charge.source)?.currencies?.has(charge.currency) === false) return { 'above-cap': {} };
  const { merchantMaxMinor, totalMaxMinor } = hourlyCapsOf(charge, configuration);
  const caps = [merchantMaxMinor, totalMaxMinor].filter((cap) => cap !== undefined);
  return caps.length === 0 ? {} : { 'above-cap': { capMinor: Math.min(...caps) } };
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
