import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { IncidentPage } from '../../api/answers.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Page } from '../../shell/page.tsx';
import { Fault } from '../../shown/fault.tsx';
import { IncidentsTable } from './incidents-table.tsx';

const REFRESH_MS = 10_000;

/** Bursts of cases, each notified as one incident, newest first. */
export function IncidentsPage() {
  const { t } = useMessages();
  const { api } = useSession();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['incidents'],
    queryFn: ({ pageParam }) => api.get<IncidentPage>('/incidents', { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: REFRESH_MS,
  });
  return (
    <Page
      title={t('incidents')}
      header={
        <Header variant="h1" description={t('incidents.description')}>
          {t('incidents')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Spinner size="large" />}
        {data !== undefined && (
          <IncidentsTable
            title={t('incidents')}
            incidents={data.pages.flatMap(({ incidents }) => incidents)}
            footer={
              hasNextPage && (
                <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                  {t('incidents.more')}
                </Button>
              )
            }
          />
        )}
      </SpaceBetween>
    </Page>
  );
}
