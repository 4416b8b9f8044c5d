import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { RouteLink } from '../../shell/route-link.tsx';
import { IncidentStatus, useScopeText } from './incident-shown.tsx';

interface IncidentsTableProps {
  readonly incidents: readonly IncidentView[];
  readonly title: string;
  readonly footer?: ReactNode;
}

export function IncidentsTable({ incidents, title, footer }: IncidentsTableProps) {
  const { t, time, number } = useMessages();
  const scopeText = useScopeText();
  return (
    <Table<IncidentView>
      variant="container"
      trackBy="id"
      items={incidents}
      header={<Header>{title}</Header>}
      footer={footer}
      empty={<Box color="text-body-secondary">{t('incidents.none')}</Box>}
      columnDefinitions={[
        {
          id: 'scope',
          header: t('incidents.scope'),
          isRowHeader: true,
          cell: ({ id, scope }) => <RouteLink to={`/incidents/${id}`}>{scopeText(scope)}</RouteLink>,
        },
        { id: 'status', header: t('incidents.status'), cell: ({ status }) => <IncidentStatus status={status} /> },
        { id: 'opened', header: t('incidents.opened'), cell: ({ openedAt }) => time(openedAt) },
        { id: 'cases', header: t('incidents.cases'), cell: ({ totals }) => number(totals.cases) },
        { id: 'resolved', header: t('incidents.resolved'), cell: ({ totals }) => number(totals.resolved) },
        { id: 'held', header: t('incidents.held'), cell: ({ totals }) => number(totals.held) },
      ]}
    />
  );
}
