import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import type { PayerStatus } from '../../../core/queries/payer-status.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Fault } from '../../shown/fault.tsx';
import { Token } from '../../shown/token.tsx';
import { type Lookup, queryOf } from './payer-lookup.ts';

type PayerCharge = PayerStatus['charges'][number];

const REFRESH_MS = 5_000;
const LOOK: { readonly [state in PayerCharge['state']]: StatusIndicatorProps.Type } = {
  standing: 'info',
  'refund-on-its-way': 'in-progress',
  refunded: 'success',
  'being-checked': 'pending',
};

/** What is known of one payer's charges, in words that may be read out. */
export function PayerAnswer({ asked }: { readonly asked: Lookup }) {
  const { t } = useMessages();
  const { api } = useSession();
  const query = queryOf(asked);
  const { data, error, refetch } = useQuery({
    queryKey: ['payer', query],
    queryFn: () => api.get<PayerStatus>('/payers/status', query),
    refetchInterval: REFRESH_MS,
  });
  if (error !== null) return <Fault error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Spinner />;
  return (
    <SpaceBetween size="l">
      <Alert type={data.found ? 'success' : 'info'}>{t(data.found ? 'payer.found' : 'payer.notFound')}</Alert>
      {data.charges.map((charge) => (
        <PayerChargeContainer key={`${charge.source} ${charge.chargeId}`} charge={charge} />
      ))}
    </SpaceBetween>
  );
}

function PayerChargeContainer({ charge }: { readonly charge: PayerCharge }) {
  const { t, money, time, locale } = useMessages();
  const { chargeId, source, state, amountMinor, currency, refundedMinor, reference, processorReference, expectedBy } =
    charge;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [t('payer.chargeId'), <Token key="charge" text={chargeId} />],
    [t('payer.source'), <Token key="source" text={source} />],
    ...(refundedMinor === undefined ? [] : [[t('payer.refundedMinor'), money(refundedMinor, currency)] as const]),
    ...(reference === undefined ? [] : [[t('payer.reference'), <Token key="reference" text={reference} />] as const]),
    ...(processorReference === undefined
      ? []
      : [[t('payer.processorReference'), <Token key="processor" text={processorReference} />] as const]),
    ...(expectedBy === undefined ? [] : [[t('payer.expectedBy'), time(expectedBy)] as const]),
  ];
  return (
    <Container
      header={
        <Header description={<StatusIndicator type={LOOK[state]}>{t(`payer.${state}`)}</StatusIndicator>}>
          {money(amountMinor, currency)}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Box fontSize="heading-s">{locale === 'zh-CN' ? charge.message.zh : charge.message.en}</Box>
        <KeyValuePairs columns={3} items={facts.map(([label, value]) => ({ label, value }))} />
      </SpaceBetween>
    </Container>
  );
}
