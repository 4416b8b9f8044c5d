import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { CaseView } from '../../../core/queries/views.ts';
import type { CasePage } from '../../api/answers.ts';
import type { Api, Query } from '../../api/api.ts';
import { useSession } from '../../session/session.tsx';
import { pinRows } from './pinned-rows.ts';

const REFRESH_MS = 5_000;
/** Pages of the API may be short: so many are asked for one page of the table. */
const REQUESTS_MAX = 10;

interface Asked {
  /** Undefined while the filter cannot be asked for. */
  readonly query: Query | undefined;
  readonly cursor: string | undefined;
  readonly pageSize: number;
}

/** One page of cases, kept fresh without moving what is read. */
export function useCases({ query, cursor, pageSize }: Asked) {
  const { api } = useSession();
  const key = JSON.stringify([query, cursor, pageSize]);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    queryKey: ['cases', key],
    queryFn: () => readPage(api, { query, cursor, pageSize }),
    enabled: query !== undefined,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const fresh = isPlaceholderData ? undefined : data?.cases;
  const [taken, setTaken] = useState<{ readonly key: string; readonly rows: readonly CaseView[] }>();
  const shown = taken?.key === key ? taken.rows : fresh;
  const pinned = fresh === undefined ? { rows: shown ?? data?.cases, waiting: 0 } : pinRows(shown ?? fresh, fresh);
  useEffect(() => {
    if (fresh === undefined) return;
    setTaken((before) => ({ key, rows: before?.key === key ? pinRows(before.rows, fresh).rows : fresh }));
  }, [key, fresh]);
  return {
    rows: pinned.rows,
    waiting: pinned.waiting,
    nextCursor: isPlaceholderData ? undefined : data?.cursor,
    error,
    isLoading: query !== undefined && (pinned.rows === undefined || isPlaceholderData) && isFetching,
    showWaiting: () => fresh !== undefined && setTaken({ key, rows: fresh }),
    refetch,
  };
}

async function readPage(api: Api, { query, cursor, pageSize }: Asked): Promise<CasePage> {
  const cases: CaseView[] = [];
  let next = cursor;
  for (let requests = 0; requests < REQUESTS_MAX; requests++) {
    const page = await api.get<CasePage>('/cases', { ...query, limit: pageSize - cases.length, cursor: next });
    cases.push(...page.cases);
    next = page.cursor;
    if (next === undefined || cases.length >= pageSize) break;
  }
  return { cases, cursor: next };
}
