import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { ApiProblem } from '../api/problem.ts';
import { useMessages } from '../messages/messages.tsx';

/** That something could not be read, why, and what can be done about it. */
export function Fault({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const { t } = useMessages();
  return (
    <Alert type="error" header={t('fault')} action={<Button onClick={onRetry}>{t('fault.retry')}</Button>}>
      {useFaultText(error)}
    </Alert>
  );
}

export function useFaultText(error: unknown): string {
  const { t } = useMessages();
  if (!(error instanceof ApiProblem)) return t('fault.unreachable');
  if (error.status === 403) return t('fault.forbidden');
  if (error.status === 404) return t('fault.absent');
  if (error.status === 429) return t('fault.busy');
  return t('fault.answer', { status: error.status, detail: error.message });
}
