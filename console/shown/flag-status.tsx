import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { FlagView } from '../../core/queries/views.ts';
import { useMessages } from '../messages/messages.tsx';

type Status = FlagView['status'];

/** `held`, `expired` and `failed` wait for people: they must not look as if they went on by themselves. */
export const FLAG_LOOK: { readonly [status in Status]: StatusIndicatorProps.Type } = {
  open: 'in-progress',
  held: 'warning',
  expired: 'warning',
  approved: 'in-progress',
  refunding: 'in-progress',
  refunded: 'success',
  'refunded-in-error': 'error',
  'reversed-externally': 'success',
  dismissed: 'stopped',
  kept: 'stopped',
  failed: 'error',
  monitored: 'info',
};

export function FlagStatusIndicator({ status }: { readonly status: Status }) {
  const { t } = useMessages();
  return <StatusIndicator type={FLAG_LOOK[status]}>{t(`flag.${status}`)}</StatusIndicator>;
}
