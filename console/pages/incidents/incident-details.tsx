import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { RouteLink } from '../../shell/route-link.tsx';
import { Actor } from '../../shown/actor.tsx';
import { Token } from '../../shown/token.tsx';

/** Whom an incident hit, and who stopped refunds while it lasted. */
export function IncidentDetails({ incident: { merchants, orders } }: { readonly incident: IncidentView }) {
  const { t, number, time } = useMessages();
  return (
    <SpaceBetween size="l">
      <Table
        variant="container"
        trackBy="merchant"
        items={merchants}
        header={<Header>{t('incident.merchants')}</Header>}
        empty={<Box color="text-body-secondary">{t('unknown')}</Box>}
        columnDefinitions={[
          {
            id: 'merchant',
            header: t('case.merchant'),
            isRowHeader: true,
            cell: ({ merchant }) => (
              <RouteLink to={`/cases?merchant=${encodeURIComponent(merchant)}`}>{merchant}</RouteLink>
            ),
          },
          { id: 'cases', header: t('incidents.cases'), cell: ({ cases }) => number(cases) },
        ]}
      />
      {orders.length > 0 && (
        <Table
          variant="container"
          trackBy="at"
          items={orders}
          wrapLines
          header={<Header>{t('incident.orders')}</Header>}
          columnDefinitions={[
            { id: 'at', header: t('audit.at'), cell: ({ at }) => time(at) },
            {
              id: 'what',
              header: t('audit.change'),
              cell: ({ frozen }) => t(frozen ? 'incident.froze' : 'incident.thawed'),
              isRowHeader: true,
            },
            {
              id: 'merchant',
              header: t('case.merchant'),
              cell: ({ merchant }) => (merchant === undefined ? t('incident.scope.all') : <Token text={merchant} />),
            },
            { id: 'by', header: t('audit.actor'), cell: ({ by }) => <Actor actor={by} /> },
            { id: 'reason', header: t('audit.reason'), cell: ({ reason }) => reason },
          ]}
        />
      )}
    </SpaceBetween>
  );
}
