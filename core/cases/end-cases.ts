import type { Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import { pages } from '../pages.ts';
import type { Case } from './case.ts';
import type { CaseStore } from './case-store.ts';

/** Where a case is deleted whose time is over. */
export interface CaseEndings {
  /**
   * Deletes a resolved case with its flags, comments and audit, on condition that it is at the version that was read. `changed`:
   * it is not, and what has been deleted of it stays deleted. A case of 98 items and fewer goes in one transaction. Run again
   * it ends what a crash has left.
   */
  endCase(known: Pick<Case, 'id' | 'version'>): Promise<'ended' | 'changed'>;
}

export interface EndContext {
  readonly cases: Pick<CaseStore, 'casesByStatus'>;
  readonly endings: CaseEndings;
  /** For how many days a resolved case is kept. */
  readonly caseDays: number;
  readonly nowMs: () => Ms;
}

const PAGE = 100;
/** A run has minutes, and another follows. */
const ENDED_MAX = 50;
const PAGES_MAX = 50;

/** Returns from when on a case may be deleted: its time after the last change. An open case never ends, nor one under legal hold. */
export function endsAtMs({ status, legalHold, updatedAtMs }: Case, caseDays: number): Ms | undefined {
  return status === 'resolved' && legalHold === undefined ? updatedAtMs + caseDays * DAY_MS : undefined;
}

/** Deletes resolved cases whose time is over, some in one run. Returns how many. */
export async function endCases({ cases, endings, caseDays, nowMs }: EndContext): Promise<number> {
  // What was opened later has not been resolved before it.
  const toMs = nowMs() - caseDays * DAY_MS + 1;
  const read = (from: { readonly cursor?: string }) => cases.casesByStatus('resolved', { limit: PAGE, toMs, ...from });
  let ended = 0;
  for await (const { items } of pages(read, PAGES_MAX)) {
    for (const known of items) {
      const end = endsAtMs(known, caseDays);
      if (end === undefined || end > nowMs()) continue;
      if ((await endings.endCase(known)) === 'ended') ended++;
      if (ended >= ENDED_MAX) return ended;
    }
  }
  return ended;
}
