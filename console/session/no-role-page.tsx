import Alert from '@cloudscape-design/components/alert';
import { useMessages } from '../messages/messages.tsx';

/** For somebody who may sign in and is in none of the groups. */
export function NoRolePage() {
  const { t } = useMessages();
  return (
    <Alert type="warning" header={t('noRole')}>
      {t('noRole.what')}
    </Alert>
  );
}
