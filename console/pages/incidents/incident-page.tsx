import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Page } from '../../shell/page.tsx';
import { RouteLink } from '../../shell/route-link.tsx';
import { WayBack } from '../../shell/way-back.tsx';
import { Fault } from '../../shown/fault.tsx';
import { MoneyTable } from '../../shown/money-table.tsx';
import { BulkApproval } from './bulk-approval.tsx';
import { IncidentDetails } from './incident-details.tsx';
import { IncidentStatus, useScopeText } from './incident-shown.tsx';

const REFRESH_MS = 5_000;

/** One incident: what it took, what has become of it, and what people may still decide at once. */
export function IncidentPage({ id }: { readonly id: string }) {
  const { t } = useMessages();
  const { api } = useSession();
  const scopeText = useScopeText();
  const { data, error, refetch } = useQuery({
    queryKey: ['incident', id],
    queryFn: () => api.get<IncidentView>(`/incidents/${encodeURIComponent(id)}`),
    refetchInterval: REFRESH_MS,
  });
  const title = data === undefined ? t('incident') : scopeText(data.scope);
  return (
    <Page
      title={title}
      header={
        <SpaceBetween size="xs">
          <WayBack list={{ text: t('incidents'), href: '/incidents' }} here={t('incident')} />
          <Header
            variant="h1"
            {...(data && { info: <IncidentStatus status={data.status} />, actions: <BulkApproval incident={data} /> })}
          >
            {title}
          </Header>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Spinner size="large" />}
        {data !== undefined && <Summary incident={data} />}
        {data !== undefined && <MoneyTable money={data.totals.money} title={t('incident.money')} />}
        {data !== undefined && <IncidentDetails incident={data} />}
      </SpaceBetween>
    </Page>
  );
}

function Summary({ incident }: { readonly incident: IncidentView }) {
  const { t, number, time } = useMessages();
  const { totals, scope, burst } = incident;
  const cases = scope.kind === 'merchant' ? `/cases?merchant=${encodeURIComponent(scope.merchant)}` : '/cases';
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('incidents.opened'), value: time(incident.openedAt) },
          {
            label: t('incident.closedAt'),
            value: incident.closedAt === undefined ? t('incident.notClosed') : time(incident.closedAt),
          },
          {
            label: t('incidents.cases'),
            value: <RouteLink to={cases}>{number(totals.cases)}</RouteLink>,
          },
          { label: t('incidents.resolved'), value: number(totals.resolved) },
          { label: t('incident.charges'), value: number(totals.charges) },
          { label: t('incidents.held'), value: number(totals.held) },
          { label: t('incident.failed'), value: number(totals.failed + totals.unknown) },
          { label: t('incident.notified'), value: time(incident.notifiedAt) },
          {
            label: t('incident.burst'),
            value: t('incident.usual', { cases: number(burst.cases), usual: number(Math.round(burst.usual)) }),
          },
        ]}
      />
    </Container>
  );
}
