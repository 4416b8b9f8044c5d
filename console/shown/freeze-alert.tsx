import Alert from '@cloudscape-design/components/alert';
import type { Overview } from '../../core/queries/overview.ts';
import { useMessages } from '../messages/messages.tsx';
import { Actor } from './actor.tsx';
import { PendingThaw } from './pending-thaw.tsx';

/** Refunds are frozen: since when, by whom and why, and the thaw that is pending. Nothing is shown while they are not. */
export function FreezeAlert({ frozen }: Pick<Overview, 'frozen'>) {
  const { t, time } = useMessages();
  if (frozen === undefined) return null;
  const { thaw } = frozen;
  return (
    <Alert type="warning" header={t('overview.frozen', { since: time(frozen.since) })}>
      <Actor actor={frozen.by} />: {frozen.reason}
      {thaw !== undefined && Date.parse(thaw.until) > Date.now() && (
        <PendingThaw thaw={thaw} releases={frozen.releases} />
      )}
    </Alert>
  );
}
