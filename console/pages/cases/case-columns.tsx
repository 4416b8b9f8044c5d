import type { TableProps } from '@cloudscape-design/components/table';
import type { CaseView } from '../../../core/queries/views.ts';
import { useMessages } from '../../messages/messages.tsx';
import { RouteLink } from '../../shell/route-link.tsx';
import { CaseStatus } from '../../shown/case-status.tsx';
import { Deadline } from '../../shown/deadline.tsx';
import { Token } from '../../shown/token.tsx';
import { CASE_COLUMNS, type CaseColumn, columnName } from './column-names.ts';

const RIGHT: ReadonlySet<CaseColumn> = new Set(['atStake', 'refunded']);

export function useCaseColumns(): readonly TableProps.ColumnDefinition<CaseView>[] {
  const { t } = useMessages();
  return CASE_COLUMNS.map((column) => ({
    id: column,
    header: RIGHT.has(column) ? <div className="amount">{t(columnName(column))}</div> : t(columnName(column)),
    cell: (row) => <Cell column={column} row={row} />,
    ...(column === 'case' && { isRowHeader: true }),
  }));
}

function Cell({ column, row }: { readonly column: CaseColumn; readonly row: CaseView }) {
  const { t, money, time } = useMessages();
  switch (column) {
    case 'case':
      return <RouteLink to={`/cases/${row.id}`}>{row.id.slice(0, 8)}</RouteLink>;
    case 'status':
      return <CaseStatus of={row} />;
    case 'merchant':
      return <Token text={row.merchant} />;
    case 'order':
      return <Token text={row.order} />;
    case 'charge':
      return <Token text={row.original.chargeId} />;
    case 'flags':
      return t('cases.flags', { unresolved: row.unresolved, flags: row.flags });
    case 'atStake':
      return <div className="amount">{money(row.atStakeMinor, row.currency)}</div>;
    case 'refunded':
      return <div className="amount">{money(row.refundedMinor, row.currency)}</div>;
    case 'held':
      return row.held;
    case 'detectors':
      return row.detectors.join(', ');
    case 'deadline':
      return <Deadline of={row} />;
    case 'opened':
      return time(row.openedAt);
    case 'updated':
      return time(row.updatedAt);
  }
}
