import { pages } from '../pages.ts';
import type { Case } from './case.ts';
import type { CaseStore } from './case-store.ts';

const PAGE = 100;

/**
 * All cases, page by page: open ones first, since a case is resolved more often than it is opened again. One that
 * changes its status in between may be seen twice, or not at all this time.
 */
export async function* allCases(cases: Pick<CaseStore, 'casesByStatus'>): AsyncGenerator<readonly Case[]> {
  for (const status of ['open', 'resolved'] as const) {
    const found = pages((place) => cases.casesByStatus(status, { limit: PAGE, ...place }));
    for await (const { items } of found) yield items;
  }
}
