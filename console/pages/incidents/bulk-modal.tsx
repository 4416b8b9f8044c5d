import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Textarea from '@cloudscape-design/components/textarea';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IncidentApproval, JobView } from '../../../core/jobs/job-view.ts';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Fault } from '../../shown/fault.tsx';
import { JobProgress, useJob } from '../../shown/job-progress.tsx';

const REASON_LENGTH_MAX = 1_000;

interface BulkModalProps {
  readonly incident: IncidentView;
  readonly onClose: () => void;
}

/** Shows what the approval would release before it can be ordered, and to another approver the order that waits. */
export function BulkModal({ incident, onClose }: BulkModalProps) {
  const { t } = useMessages();
  const { api, person } = useSession();
  const [reason, setReason] = useState('');
  const [withMonitored, setWithMonitored] = useState(false);
  const read = useApproval(incident.id, withMonitored);
  const { jobId, begin, isBusy, fault } = useBegin();
  const { data } = read;
  const order = data?.order;
  const ask = () =>
    order === undefined
      ? api.post<JobView>(`/incidents/${incident.id}/approve`, {
          reason: reason.trim(),
          withMonitored,
          sums: data?.sums ?? {},
        })
      : api.post<JobView>(`/jobs/${order.id}/confirm`, {});
  const isPossible =
    order === undefined ? data !== undefined && data.flags > 0 && reason.trim() !== '' : order.by !== person.subject;
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={t('bulk.button')}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('close')}
            </Button>
            {jobId === undefined && (
              <Button variant="primary" disabled={!isPossible} loading={isBusy} onClick={() => void begin(ask)}>
                {t(order === undefined ? 'decision.approve.confirm' : 'bulk.confirm')}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {fault !== undefined && <Fault error={fault} onRetry={() => void begin(ask)} />}
        {jobId !== undefined && <Progress jobId={jobId} />}
        {jobId === undefined && data === undefined && <Unread error={read.error} onRetry={() => void read.refetch()} />}
        {jobId === undefined && order !== undefined && <Order order={order} />}
        {jobId === undefined && data !== undefined && order === undefined && (
          <>
            <Sum approval={data} />
            <Checkbox checked={withMonitored} onChange={({ detail }) => setWithMonitored(detail.checked)}>
              {t('bulk.monitored')}
            </Checkbox>
            <FormField label={t('decision.reason')} description={t('decision.reason.hint')}>
              <Textarea
                value={reason}
                onChange={({ detail }) => setReason(detail.value.replaceAll('\n', ' ').slice(0, REASON_LENGTH_MAX))}
                autoFocus
                rows={3}
              />
            </FormField>
          </>
        )}
      </SpaceBetween>
    </Modal>
  );
}

function useApproval(incidentId: string, withMonitored: boolean) {
  const { api } = useSession();
  return useQuery({
    queryKey: ['incident-approval', incidentId, withMonitored],
    queryFn: () => api.get<IncidentApproval>(`/incidents/${incidentId}/approval?withMonitored=${withMonitored}`),
    // What is ordered is what was read: a sum from before is not shown.
    gcTime: 0,
  });
}

function useBegin() {
  const [jobId, setJobId] = useState<string>();
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const begin = async (ask: () => Promise<{ readonly answer: JobView }>) => {
    setBusy(true);
    setFault(undefined);
    try {
      setJobId((await ask()).answer.id);
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  return { jobId, begin, isBusy, fault };
}

function Unread({ error, onRetry }: { readonly error: Error | null; readonly onRetry: () => void }) {
  return error === null ? <Spinner /> : <Fault error={error} onRetry={onRetry} />;
}

function useSums() {
  const { money } = useMessages();
  return (sums: IncidentApproval['sums']) =>
    Object.entries(sums)
      .map(([currency, minor]) => money(minor, currency))
      .join(' + ');
}

function Sum({ approval: { flags, sums, isComplete } }: { readonly approval: IncidentApproval }) {
  const { t, number } = useMessages();
  const textOf = useSums();
  if (flags === 0) return <Box>{t('bulk.nothing')}</Box>;
  return (
    <SpaceBetween size="xs">
      <Box>{t('bulk.sum', { flags: number(flags), sums: textOf(sums) })}</Box>
      {!isComplete && <Box>{t('bulk.incomplete')}</Box>}
      <Box>{t('bulk.two')}</Box>
    </SpaceBetween>
  );
}

/** An order that waits for its second approver. */
function Order({ order: job }: { readonly order: JobView }) {
  const { t } = useMessages();
  const textOf = useSums();
  const { by, order } = job;
  if (order === undefined) return null;
  return (
    <SpaceBetween size="xs">
      <Box>{t('bulk.order', { by, sums: textOf(order.sums), reason: order.reason })}</Box>
      {order.withMonitored && <Box>{t('bulk.order.monitored')}</Box>}
      <Waiting job={job} />
    </SpaceBetween>
  );
}

function Waiting({ job }: { readonly job: JobView }) {
  const { t, time } = useMessages();
  return <Box>{t('bulk.waiting', { until: job.confirmBy === undefined ? '' : time(job.confirmBy) })}</Box>;
}

function Progress({ jobId }: { readonly jobId: string }) {
  const { t, number } = useMessages();
  const { data: job, error, refetch } = useJob(jobId);
  if (job?.status === 'waiting') return <Waiting job={job} />;
  const counts = job?.counts;
  return (
    <SpaceBetween size="s">
      <JobProgress job={job} error={error} onRetry={() => void refetch()} />
      {counts !== undefined && (
        <Box>
          {t('bulk.counts', {
            approved: number(counts.approved),
            needAnother: number(counts.needAnother),
            skipped: number(counts.skipped),
            beyondSum: number(counts.beyondSum),
          })}
        </Box>
      )}
    </SpaceBetween>
  );
}
