import type { Ms } from '../brands.ts';
import { HOUR_MS } from '../clock-units.ts';
import type { QuarantineReason } from '../events/parse-event.ts';

/** Refused records of one batch, source and reason. */
export interface Refusal {
  /** At least one. */
  readonly recordIds: readonly string[];
  /** A registered source. Undefined for all others: who makes up names makes neither counters nor alerts. */
  readonly source: string | undefined;
  readonly reason: QuarantineReason;
  readonly atMs: Ms;
}

/** What was refused of one source in one clock hour. */
export interface RefusedSource {
  readonly source: string | undefined;
  /** Records by reason. Each is counted once, of each reason until the budget is spent: as many as an alert needs. */
  readonly byReason: Readonly<Partial<Record<QuarantineReason, number>>>;
  readonly firstAtMs: Ms;
  readonly notice: RefusalNotice | undefined;
}

/** What one alert says of one source and hour. It is stored before it is sent: sent again it is the same. */
export interface RefusalNotice {
  readonly source: string | undefined;
  /** Where the clock hour begins. */
  readonly hourMs: Ms;
  readonly byReason: RefusedSource['byReason'];
  readonly refused: number;
  /** Events of the source that were judged in that hour until then. */
  readonly accepted: number;
  readonly noticedAtMs: Ms;
  readonly isSent: boolean;
}

/** Counts of refused records, by clock hour and source. */
export interface RefusalStore {
  /**
   * Counts each record once for its hour. `beyond-budget`: as many of the source and reason were counted before as an alert
   * needs, and these were not among them. Idempotent, in its answer too, as long as the process lives. Atomic: of any number
   * of workers none undoes another's count.
   */
  noteRefusals(refusal: Refusal): Promise<'counted' | 'beyond-budget'>;
  /** The sources of which records were refused in the clock hour. Strongly consistent. */
  refusalsIn(hourMs: Ms): Promise<readonly RefusedSource[]>;
  /** Stores the one notice of a source and hour. Atomic: of any number of callers one gets `opened`. */
  openNotice(notice: RefusalNotice): Promise<'opened' | 'already-open'>;
  /** Records that the notice was sent. Idempotent. */
  markNoticeSent(notice: RefusalNotice): Promise<void>;
}

/** Returns where the clock hour (UTC) of a time begins. */
export function hourOf(ms: Ms): Ms {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}
