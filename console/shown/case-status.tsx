import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { CaseView } from '../../core/queries/views.ts';
import { useMessages } from '../messages/messages.tsx';

export function CaseStatus({ status }: Pick<CaseView, 'status'>) {
  const { t } = useMessages();
  return <StatusIndicator type={status === 'open' ? 'pending' : 'success'}>{t(`case.${status}`)}</StatusIndicator>;
}
