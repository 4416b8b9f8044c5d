import type { Ms } from '../brands.ts';
import { HOUR_MS } from '../clock-units.ts';
import type { QuarantineReason } from '../events/parse-event.ts';
import type { Quarantine } from '../events/quarantine.ts';
import type { SourceCatalog } from '../events/source.ts';

/** One refused record. */
export interface Refusal {
  readonly recordId: string;
  /** A registered source. Undefined for all others: who makes up names makes neither counters nor alerts. */
  readonly source: string | undefined;
  readonly reason: QuarantineReason;
  readonly atMs: Ms;
}

/** What was refused of one source in one clock hour. */
export interface RefusedSource {
  readonly source: string | undefined;
  /** Records by reason. Each is counted once, and of each reason at most as many as an alert needs. */
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
  /** Counts a record once for its hour. Idempotent. Atomic: of any number of workers none undoes another's count. */
  noteRefusal(refusal: Refusal): Promise<void>;
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

/** A quarantine that counts what it takes. A record that could not be counted counts as not quarantined, and comes again. */
export function countedQuarantine({
  quarantine,
  refusals,
  sources,
  nowMs,
}: {
  readonly quarantine: Quarantine;
  readonly refusals: Pick<RefusalStore, 'noteRefusal'>;
  readonly sources: SourceCatalog;
  readonly nowMs: () => Ms;
}): Quarantine {
  return {
    async put(record) {
      await quarantine.put(record);
      const { id, reason, source: named } = record;
      const source = named === undefined ? undefined : sources.sourceOf(named)?.id;
      await refusals.noteRefusal({ recordId: id, source, reason, atMs: nowMs() });
    },
  };
}
