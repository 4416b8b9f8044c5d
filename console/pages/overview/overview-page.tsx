import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { Overview } from '../../../core/queries/overview.ts';
import { formatSpan } from '../../format/time.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Page } from '../../shell/page.tsx';
import { Fault } from '../../shown/fault.tsx';
import { FreezeAlert } from '../../shown/freeze-alert.tsx';
import { MoneyTable } from '../../shown/money-table.tsx';
import { IncidentsTable } from '../incidents/incidents-table.tsx';
import { Figures } from './figures.tsx';
import { HistoryChart } from './history-chart.tsx';

const REFRESH_MS = 5_000;

/** What is happening now: one look must tell whether somebody has to act. */
export function OverviewPage() {
  const { t, time } = useMessages();
  const { api } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ['overview'],
    queryFn: () => api.get<Overview>('/overview'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Page
      title={t('overview')}
      header={
        <Header
          variant="h1"
          description={
            data &&
            (data.lagMs === undefined
              ? t('overview.atOnly', { at: time(data.at) })
              : t('overview.at', { at: time(data.at), lag: formatSpan(data.lagMs) }))
          }
        >
          {t('overview')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Spinner size="large" />}
        <FreezeAlert frozen={data?.frozen} />
        {data !== undefined && <Figures overview={data} />}
        <HistoryChart />
        {data !== undefined && <MoneyTable money={data.money} title={t('overview.money')} />}
        {data !== undefined && <IncidentsTable incidents={data.incidents} title={t('overview.incidents')} />}
      </SpaceBetween>
    </Page>
  );
}
