import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { JobView } from '../../../core/jobs/job-view.ts';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { mayAct } from '../../session/person.ts';
import { useSession } from '../../session/session.tsx';
import { Fault } from '../../shown/fault.tsx';
import { JobProgress, useJob } from '../../shown/job-progress.tsx';

const REASON_LENGTH_MAX = 1_000;

/** Approves at once what waits in an incident's cases: a night of a thousand holds must not take a thousand clicks. */
export function BulkApproval({ incident }: { readonly incident: IncidentView }) {
  const { t } = useMessages();
  const { person } = useSession();
  const [isAsked, setAsked] = useState(false);
  if (!mayAct(person, 'approver') || incident.totals.held === 0) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setAsked(true)}>
        {t('bulk.button')}
      </Button>
      {isAsked && <BulkModal incident={incident} onClose={() => setAsked(false)} />}
    </>
  );
}

interface BulkModalProps {
  readonly incident: IncidentView;
  readonly onClose: () => void;
}

function BulkModal({ incident, onClose }: BulkModalProps) {
  const { t } = useMessages();
  const { api } = useSession();
  const [reason, setReason] = useState('');
  const [withMonitored, setWithMonitored] = useState(false);
  const [jobId, setJobId] = useState<string>();
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const begin = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const { answer } = await api.post<JobView>(`/incidents/${incident.id}/approve`, {
        reason: reason.trim(),
        withMonitored,
      });
      setJobId(answer.id);
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
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
              <Button variant="primary" disabled={reason.trim() === ''} loading={isBusy} onClick={() => void begin()}>
                {t('decision.approve.confirm')}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{t('bulk.what', { held: incident.totals.held })}</Box>
        {fault !== undefined && <Fault error={fault} onRetry={() => void begin()} />}
        {jobId === undefined && (
          <Checkbox checked={withMonitored} onChange={({ detail }) => setWithMonitored(detail.checked)}>
            {t('bulk.monitored')}
          </Checkbox>
        )}
        {jobId === undefined ? (
          <FormField label={t('decision.reason')} description={t('decision.reason.hint')}>
            <Textarea
              value={reason}
              onChange={({ detail }) => setReason(detail.value.replaceAll('\n', ' ').slice(0, REASON_LENGTH_MAX))}
              autoFocus
              rows={3}
            />
          </FormField>
        ) : (
          <Progress jobId={jobId} />
        )}
      </SpaceBetween>
    </Modal>
  );
}

function Progress({ jobId }: { readonly jobId: string }) {
  const { t, number } = useMessages();
  const { data: job, error, refetch } = useJob(jobId);
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
          })}
        </Box>
      )}
    </SpaceBetween>
  );
}
