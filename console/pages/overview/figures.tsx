import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { Overview } from '../../../core/queries/overview.ts';
import { useMessages } from '../../messages/messages.tsx';
import { RouteLink } from '../../shell/route-link.tsx';
import { FlagStatusIndicator } from '../../shown/flag-status.tsx';

/** Numbers that a desk asks for first. */
export function Figures({ overview: { chargesProcessedLastHour, flags } }: { readonly overview: Overview }) {
  const { t, number } = useMessages();
  const all = Object.values(flags).reduce((sum, count) => sum + count, 0);
  const figure = (value: number) => <Box variant="awsui-value-large">{number(value)}</Box>;
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('overview.chargesProcessed'), value: figure(chargesProcessedLastHour) },
          { label: t('overview.duplicates'), value: figure(all) },
          { label: <FlagStatusIndicator status="refunded" />, value: figure(flags.refunded ?? 0) },
          {
            label: <FlagStatusIndicator status="held" />,
            value: figure(flags.held ?? 0),
            info: <RouteLink to="/cases?status=open">{t('overview.open')}</RouteLink>,
          },
        ]}
      />
    </Container>
  );
}
