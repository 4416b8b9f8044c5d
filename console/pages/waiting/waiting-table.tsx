import Box from '@cloudscape-design/components/box';
import Table from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import type { FlagView } from '../../../core/queries/views.ts';
import { useMessages } from '../../messages/messages.tsx';
import { RouteLink } from '../../shell/route-link.tsx';
import { FlagStatusIndicator } from '../../shown/flag-status.tsx';
import { Token } from '../../shown/token.tsx';

interface WaitingTableProps {
  readonly flags: readonly FlagView[];
  readonly footer?: ReactNode;
}

export function WaitingTable({ flags, footer }: WaitingTableProps) {
  const { t, money, time, number, said } = useMessages();
  return (
    <Table<FlagView>
      variant="container"
      trackBy="id"
      wrapLines
      items={flags}
      footer={footer}
      empty={<Box color="text-body-secondary">{t('waiting.none')}</Box>}
      columnDefinitions={[
        { id: 'score', header: t('waiting.score'), cell: ({ score }) => number(score) },
        {
          id: 'charge',
          header: t('waiting.charge'),
          isRowHeader: true,
          cell: ({ caseId, charge }) => <RouteLink to={`/cases/${caseId}`}>{charge.chargeId}</RouteLink>,
        },
        { id: 'status', header: t('waiting.status'), cell: ({ status }) => <FlagStatusIndicator status={status} /> },
        { id: 'merchant', header: t('waiting.merchant'), cell: ({ charge }) => <Token text={charge.merchant} /> },
        {
          id: 'amount',
          header: <div className="amount">{t('waiting.amount')}</div>,
          cell: ({ charge }) => <div className="amount">{money(charge.amountMinor, charge.currency)}</div>,
        },
        {
          id: 'reasons',
          header: t('waiting.reasons'),
          cell: ({ reasons }) => (
            <ul className="plain">
              {reasons.map(({ reason, sentence }) => (
                <li key={reason}>{said(sentence)}</li>
              ))}
            </ul>
          ),
        },
        {
          id: 'since',
          header: t('waiting.since'),
          cell: ({ waitsSince, updatedAt }) => time(waitsSince ?? updatedAt),
        },
      ]}
    />
  );
}
