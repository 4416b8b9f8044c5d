import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { CaseView } from '../../core/queries/views.ts';
import { useMessages } from '../messages/messages.tsx';

/** An open case that waits for people does not look like one that goes on by itself. */
export function CaseStatus({ of: { status, held } }: { readonly of: Pick<CaseView, 'status' | 'held'> }) {
  const { t } = useMessages();
  if (status === 'resolved') return <StatusIndicator type="success">{t('case.resolved')}</StatusIndicator>;
  if (held > 0) return <StatusIndicator type="warning">{t('case.waits')}</StatusIndicator>;
  return <StatusIndicator type="in-progress">{t('case.open')}</StatusIndicator>;
}
