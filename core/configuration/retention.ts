import type { Ms } from '../brands.ts';
import { DAY_MS, HOUR_MS } from '../clock-units.ts';
import { EVIDENCE_MS } from '../detection/charge-record.ts';
import type { Detector } from '../detection/detector.ts';

/** What a stage keeps, and for how many days. */
interface RetentionSettings {
  readonly retention: {
    readonly cases: number;
    readonly reservations: number;
    readonly quarantine: number;
    readonly unreadable: number;
    readonly redriven: number;
    readonly oldVersions: number;
    readonly exports: number;
    readonly accessLogs: number;
    readonly seals: number;
  };
  readonly streamRetentionHours: number;
  /** False for a stage that goes with its stack: no rule asks for its logs and seals. */
  readonly keepsHistory: boolean;
}

interface RetentionRules {
  readonly detectors: readonly Pick<Detector, 'id' | 'retainMs'>[];
  readonly refunds: { readonly holds: { readonly expireAfterMs: Ms } };
}

/** The item of a job: its export must end first, so that its end can be shown. */
export const JOB_DAYS = 7;
/** An execution of Step Functions lives for a year at most: until then its last step may look for the reservation. */
const EXECUTION_DAYS = 365;
/** PCI DSS 10.5.1. */
const ACCESS_LOG_DAYS = 365;
/** Disputes of Visa and American Express: docs/decisions/1109-retention.md. */
const DISPUTE_DAYS = 120;
/** Bytes that nothing has searched as a tree may have card numbers: docs/card-numbers.md. */
const UNREADABLE_DAYS_MAX = 30;
const RECORD_DAYS = EVIDENCE_MS / DAY_MS;

/** Returns each retention that would break a promise or a rule, with the least that it needs; nothing where all is well. */
export function retentionProblems(settings: RetentionSettings, rules: RetentionRules): readonly string[] {
  const { retention, streamRetentionHours, keepsHistory } = settings;
  const streamDays = Math.ceil((streamRetentionHours * HOUR_MS) / DAY_MS);
  const rememberedDays = Math.max(RECORD_DAYS, ...rules.detectors.map(({ retainMs }) => Math.ceil(retainMs / DAY_MS)));
  const askedDays = Math.ceil(rules.refunds.holds.expireAfterMs / DAY_MS);
  const least = {
    cases: [rememberedDays + streamDays + askedDays, 'while its charge is remembered, an event finds the flag'],
    reservations: [EXECUTION_DAYS, 'a workflow that lives looks for its reservation'],
    quarantine: [RECORD_DAYS, 'while the charge is remembered, a repaired event still counts'],
    redriven: [streamDays, 'what was put back is on the stream for as long'],
    oldVersions: [1, 'S3 takes no less'],
    exports: [1, 'S3 takes no less'],
    unreadable: [1, 'S3 takes no less'],
    ...(keepsHistory && {
      accessLogs: [ACCESS_LOG_DAYS, 'PCI DSS 10.5.1 asks for twelve months'],
      seals: [ACCESS_LOG_DAYS + DISPUTE_DAYS, 'a dispute about a charge of the last twelve months needs its proof'],
    }),
  } as const satisfies { readonly [part in keyof RetentionSettings['retention']]?: readonly [number, string] };
  const most = {
    unreadable: [UNREADABLE_DAYS_MAX, 'the bytes may have card numbers'],
    exports: [JOB_DAYS - 1, `its job ends after ${JOB_DAYS}`],
  } as const;
  return [
    ...outside(retention, least, (days, bound) => days < bound).map((text) => `${text.replace('BOUND', 'at least')}`),
    ...outside(retention, most, (days, bound) => days > bound).map((text) => `${text.replace('BOUND', 'at most')}`),
  ];
}

function outside(
  retention: Readonly<Record<string, number>>,
  bounds: Readonly<Record<string, readonly [number, string] | undefined>>,
  isOutside: (days: number, bound: number) => boolean,
): readonly string[] {
  return Object.entries(bounds).flatMap(([part, bound]) => {
    const days = retention[part];
    if (bound === undefined || days === undefined || !isOutside(days, bound[0])) return [];
    return [`retention.${part}: must be BOUND ${bound[0]} days: ${bound[1]}`];
  });
}
