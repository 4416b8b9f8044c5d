import Alert from '@cloudscape-design/components/alert';
import type { Overview } from '../../core/queries/overview.ts';
import { useMessages } from '../messages/messages.tsx';
import { Actor } from './actor.tsx';

/** Refunds are frozen: since when, by whom and why. Nothing is shown while they are not. */
export function FreezeAlert({ frozen }: Pick<Overview, 'frozen'>) {
  const { t, time } = useMessages();
  if (frozen === undefined) return null;
  return (
    <Alert type="warning" header={t('overview.frozen', { since: time(frozen.since) })}>
      <Actor actor={frozen.by} />: {frozen.reason}
    </Alert>
  );
}
