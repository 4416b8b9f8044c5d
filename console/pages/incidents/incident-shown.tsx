import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';

const LOOK: { readonly [status in IncidentView['status']]: StatusIndicatorProps.Type } = {
  open: 'error',
  closing: 'in-progress',
  closed: 'success',
};

export function IncidentStatus({ status }: Pick<IncidentView, 'status'>) {
  const { t } = useMessages();
  return <StatusIndicator type={LOOK[status]}>{t(`incident.${status}`)}</StatusIndicator>;
}

/** Whose burst an incident is, in words. */
export function useScopeText(): (scope: IncidentView['scope']) => string {
  const { t } = useMessages();
  return (scope) => {
    switch (scope.kind) {
      case 'all':
        return t('incident.scope.all');
      case 'processor':
        return t('incident.scope.processor', { source: scope.source });
      case 'merchant':
        return t('incident.scope.merchant', { merchant: scope.merchant });
    }
  };
}
