import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { IncidentView } from '../../core/queries/incident-view.ts';
import { useMessages } from '../messages/messages.tsx';

const SUMS = ['atStakeMinor', 'refundedMinor', 'heldMinor'] as const;

interface MoneyTableProps {
  readonly money: IncidentView['totals']['money'];
  /** Says of what, and since when. */
  readonly title: string;
}

/** Money by currency: sums of different currencies mean nothing. */
export function MoneyTable({ money: byCurrency, title }: MoneyTableProps) {
  const { t, money } = useMessages();
  const rows = Object.entries(byCurrency).toSorted(([a], [b]) => a.localeCompare(b));
  return (
    <Table
      variant="container"
      items={rows}
      trackBy={([currency]) => currency}
      header={<Header>{title}</Header>}
      empty={<Box color="text-body-secondary">{t('overview.money.none')}</Box>}
      columnDefinitions={[
        { id: 'currency', header: t('overview.currency'), cell: ([currency]) => currency, isRowHeader: true },
        ...SUMS.map((sum) => ({
          id: sum,
          header: <div className="amount">{t(`money.${sum}`)}</div>,
          cell: ([currency, sums]: (typeof rows)[number]) => <div className="amount">{money(sums[sum], currency)}</div>,
        })),
      ]}
    />
  );
}
