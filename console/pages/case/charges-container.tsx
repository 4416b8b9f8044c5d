import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Icon from '@cloudscape-design/components/icon';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { CaseDetail } from '../../api/answers.ts';
import { formatSpan } from '../../format/time.ts';
import { useMessages } from '../../messages/messages.tsx';
import { FlagStatusIndicator } from '../../shown/flag-status.tsx';
import { Token } from '../../shown/token.tsx';
import { agreement, type Compared, chargesOf, fieldsOf, type ShownCharge } from './charges.ts';
import { TimeLine } from './time-line.tsx';

/** The charges of a case side by side: when each was made, and in what it agrees with the original. */
export function ChargesContainer({ found }: { readonly found: CaseDetail }) {
  const { t } = useMessages();
  const charges = chargesOf(found);
  return (
    <Container header={<Header description={t('charges.description')}>{t('charges')}</Header>}>
      <SpaceBetween size="l">
        <TimeLine charges={charges} />
        <Comparison charges={charges} />
      </SpaceBetween>
    </Container>
  );
}

type Row = 'charge' | 'status' | 'chargedAt' | Compared;

function Comparison({ charges }: { readonly charges: readonly ShownCharge[] }) {
  const { t } = useMessages();
  const rows: readonly Row[] = ['charge', 'status', 'chargedAt', ...fieldsOf(charges)];
  const [original] = charges;
  return (
    <Table<Row>
      variant="embedded"
      items={rows}
      wrapLines
      stickyColumns={{ first: 1 }}
      ariaLabels={{ tableLabel: t('charges') }}
      columnDefinitions={[
        { id: 'field', header: t('charges.field'), cell: (row) => t(`charges.field.${row}`), isRowHeader: true },
        ...charges.map((one, at) => ({
          id: `${one.ref.source} ${one.ref.chargeId}`,
          header: at === 0 ? t('charges.original') : t('charges.duplicate', { number: at }),
          minWidth: 190,
          cell: (row: Row) => <Cell row={row} one={one} original={original} />,
        })),
      ]}
    />
  );
}

interface CellProps {
  readonly row: Row;
  readonly one: ShownCharge;
  readonly original: ShownCharge | undefined;
}

function Cell({ row, one, original }: CellProps) {
  const { t, time } = useMessages();
  switch (row) {
    case 'charge':
      return <Token text={one.ref.chargeId} />;
    case 'status':
      return one.flag === undefined ? t('charges.stands') : <FlagStatusIndicator status={one.flag.status} />;
    case 'chargedAt': {
      if (one.chargedAt === undefined) return <>{t('unknown')}</>;
      const after =
        original?.chargedAt && one !== original
          ? Date.parse(one.chargedAt) - Date.parse(original.chargedAt)
          : undefined;
      return (
        <>
          {time(one.chargedAt)}
          {after !== undefined && (
            <Box color="text-body-secondary">
              {t(after < 0 ? 'charges.before' : 'charges.after', { span: formatSpan(after) })}
            </Box>
          )}
        </>
      );
    }
    default:
      return <Value field={row} one={one} original={original} />;
  }
}

interface ValueProps {
  readonly field: Compared;
  readonly one: ShownCharge;
  readonly original: ShownCharge | undefined;
}

function Value({ field, one, original }: ValueProps) {
  const { t, money } = useMessages();
  const { charge } = one;
  if (charge === undefined) return <>{t('unknown')}</>;
  const value = field === 'amount' ? money(charge.amountMinor, charge.currency) : <Token text={charge[field]} />;
  if (one === original) return <>{value}</>;
  const agrees = agreement(field, charge, original?.charge);
  if (agrees === 'unknown') return <>{value}</>;
  return (
    <>
      <Icon
        name={agrees === 'agrees' ? 'status-positive' : 'status-warning'}
        variant={agrees === 'agrees' ? 'success' : 'warning'}
        ariaLabel={t(`charges.${agrees}`)}
      />{' '}
      {value}
    </>
  );
}
