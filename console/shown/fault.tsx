import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { codeOf } from '../api/problem.ts';
import { useMessages } from '../messages/messages.tsx';

/** That something could not be read, why, and what can be done about it. */
export function Fault({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const { t } = useMessages();
  const faultText = useFaultText();
  return (
    <Alert type="error" header={t('fault')} action={<Button onClick={onRetry}>{t('fault.retry')}</Button>}>
      {faultText(error)}
    </Alert>
  );
}

/** Says what went wrong, by its code; the service's own words are shown only where they name what to change. */
export function useFaultText(): (error: unknown) => string {
  const { t } = useMessages();
  return (error) => t(`problem.${codeOf(error)}`, { detail: error instanceof Error ? error.message : '' });
}
