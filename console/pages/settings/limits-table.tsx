import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { SettingsView } from '../../api/answers.ts';
import { useMessages } from '../../messages/messages.tsx';
import { type CurrencyLimits, LIMITS, limitsByCurrency } from './limits.ts';

/** Above which amounts people are asked, and how much an hour may give back. */
export function LimitsTable({ settings }: { readonly settings: SettingsView }) {
  const { t, money } = useMessages();
  return (
    <Table<CurrencyLimits>
      variant="container"
      trackBy="currency"
      items={limitsByCurrency(settings)}
      header={<Header description={t('settings.limits.description')}>{t('settings.limits')}</Header>}
      empty={<Box color="text-body-secondary">{t('settings.limits.none')}</Box>}
      columnDefinitions={[
        { id: 'currency', header: t('overview.currency'), cell: ({ currency }) => currency, isRowHeader: true },
        ...LIMITS.map((limit) => ({
          id: limit,
          header: <div className="amount">{t(`settings.limit.${limit}`)}</div>,
          cell: ({ currency, minor: { [limit]: minor } }: CurrencyLimits) => (
            <div className="amount">{minor === undefined ? t('settings.unlimited') : money(minor, currency)}</div>
          ),
        })),
      ]}
    />
  );
}
