import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { SettingsView } from '../../api/answers.ts';
import { formatSpan } from '../../format/time.ts';
import { useMessages } from '../../messages/messages.tsx';
import { Token } from '../../shown/token.tsx';

type Merchant = SettingsView['merchants'][number];

/** What is otherwise for single merchants: only what differs. */
export function MerchantsTable({ merchants }: { readonly merchants: readonly Merchant[] }) {
  const { t, money } = useMessages();
  const others = merchants.filter(hasOwnRules);
  if (others.length === 0) return null;
  const amounts = (byCurrency: Merchant['limitMinor']) =>
    Object.entries(byCurrency ?? {})
      .map(([currency, minor]) => money(minor, currency))
      .join(', ') || '–';
  const detectors = ({ detectors: changed }: Merchant) =>
    changed.map(({ id, action, windowMs }) => `${id}: ${t(`action.${action}`)}, ${formatSpan(windowMs)}`).join('; ') ||
    '–';
  return (
    <Table<Merchant>
      variant="container"
      trackBy="merchant"
      wrapLines
      items={others}
      header={<Header>{t('settings.merchants')}</Header>}
      columnDefinitions={[
        {
          id: 'merchant',
          header: t('case.merchant'),
          cell: ({ merchant }) => <Token text={merchant} />,
          isRowHeader: true,
        },
        { id: 'detectors', header: t('settings.detectors'), cell: detectors },
        { id: 'limit', header: t('settings.limit.limit'), cell: ({ limitMinor }) => amounts(limitMinor) },
        {
          id: 'budget',
          header: t('settings.limit.merchantBudget'),
          cell: ({ budgetPerHourMinor }) => amounts(budgetPerHourMinor),
        },
        {
          id: 'cap',
          header: t('settings.limit.merchantCap'),
          cell: ({ capPerHourMinor }) => amounts(capPerHourMinor),
        },
      ]}
    />
  );
}

/** Some merchants are in the configuration for their alerts alone. */
function hasOwnRules({ detectors, limitMinor, budgetPerHourMinor, capPerHourMinor }: Merchant): boolean {
  return detectors.length > 0 || [limitMinor, budgetPerHourMinor, capPerHourMinor].some((own) => own !== undefined);
}
