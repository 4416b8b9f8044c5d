import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { FlagView } from '../../../core/queries/views.ts';
import type { WaitingPage } from '../../api/answers.ts';
import { useSession } from '../../session/session.tsx';
import { pinRows } from '../cases/pinned-rows.ts';

const REFRESH_MS = 5_000;

/** What waits for an approver, kept fresh without moving what is read. */
export function useWaiting() {
  const { api } = useSession();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['waiting'],
    queryFn: ({ pageParam }) => api.get<WaitingPage>('/waiting', { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: REFRESH_MS,
  });
  const [taken, setTaken] = useState<readonly FlagView[]>();
  const fresh = data?.pages.flatMap(({ flags }) => flags);
  const pinned = fresh && pinRows(taken ?? fresh, fresh);
  useEffect(() => {
    if (data === undefined) return;
    const rows = data.pages.flatMap(({ flags }) => flags);
    setTaken((before) => (before === undefined || before.length === 0 ? rows : pinRows(before, rows).rows));
  }, [data]);
  return {
    rows: pinned?.rows,
    waiting: pinned?.waiting ?? 0,
    showWaiting: () => setTaken(fresh),
    error,
    refetch,
    hasMore: hasNextPage,
    isLoadingMore: isFetchingNextPage,
    loadMore: () => void fetchNextPage(),
  };
}
