import Alert from '@cloudscape-design/components/alert';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import type { JobView } from '../../core/jobs/job-view.ts';
import { useMessages } from '../messages/messages.tsx';
import { useSession } from '../session/session.tsx';
import { Fault } from './fault.tsx';

const POLL_MS = 1_500;

/** A job as it is now, asked for until it has ended. */
export function useJob(id: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: ['job', id],
    queryFn: () => api.get<JobView>(`/jobs/${id}`),
    refetchInterval: ({ state }) => (hasEnded(state.data) ? false : POLL_MS),
  });
}

export function hasEnded(job: JobView | undefined): boolean {
  return job?.status === 'done' || job?.status === 'failed';
}

/** How far a job is. Its total is not always known before its end. */
export function JobProgress({ job, error, onRetry }: JobProgressProps) {
  const { t, number } = useMessages();
  if (job?.status === 'failed') {
    return <Alert type="error">{t('job.failed', { reason: job.failure ?? t('unknown') })}</Alert>;
  }
  const isDone = job?.status === 'done';
  const share = job?.total ? (100 * job.done) / job.total : 0;
  return (
    <SpaceBetween size="s">
      {error !== null && <Fault error={error} onRetry={onRetry} />}
      <ProgressBar
        label={t(isDone ? 'job.done' : 'job.running')}
        value={isDone ? 100 : share}
        status={isDone ? 'success' : 'in-progress'}
        {...(isDone
          ? { resultText: t('job.total', { done: number(job.done) }) }
          : { additionalInfo: t('job.count', { done: number(job?.done ?? 0) }) })}
      />
    </SpaceBetween>
  );
}

interface JobProgressProps {
  readonly job: JobView | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
}
