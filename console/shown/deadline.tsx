import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { CaseView } from '../../core/queries/views.ts';
import { useMessages } from '../messages/messages.tsx';

/** By when a case must be closed, and whether that is near. */
export function Deadline({
  of: { deadlineAt, urgentSince },
}: {
  readonly of: Pick<CaseView, 'deadlineAt' | 'urgentSince'>;
}) {
  const { time } = useMessages();
  if (deadlineAt === undefined) return '–';
  if (urgentSince === undefined) return time(deadlineAt);
  return <StatusIndicator type="warning">{time(deadlineAt)}</StatusIndicator>;
}
