import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { JobView } from '../../../core/jobs/job-view.ts';
import type { Query } from '../../api/api.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { useNotices } from '../../shell/notices.tsx';
import { useFaultText } from '../../shown/fault.tsx';
import { JobProgress, useJob } from '../../shown/job-progress.tsx';

const FORMATS = ['csv', 'ndjson'] as const;

/** Writes what the filter lets through to a file, as a job: it may be more than any table shows. */
export function ExportButton({ query }: { readonly query: Query | undefined }) {
  const { t } = useMessages();
  const { api } = useSession();
  const { notify } = useNotices();
  const faultText = useFaultText();
  const [jobId, setJobId] = useState<string>();
  const begin = async (format: string) => {
    try {
      const { answer } = await api.post<JobView>('/exports', { format, filter: query ?? {} });
      setJobId(answer.id);
    } catch (error) {
      notify({ type: 'error', content: t('export.fault', { reason: faultText(error) }) });
    }
  };
  return (
    <>
      <ButtonDropdown
        items={FORMATS.map((id) => ({ id, text: t(`export.${id}`) }))}
        disabled={query === undefined}
        onItemClick={({ detail }) => void begin(detail.id)}
      >
        {t('export')}
      </ButtonDropdown>
      {jobId !== undefined && <ExportModal jobId={jobId} onClose={() => setJobId(undefined)} />}
    </>
  );
}

function ExportModal({ jobId, onClose }: { readonly jobId: string; readonly onClose: () => void }) {
  const { t, time } = useMessages();
  const { data: job, error, refetch } = useJob(jobId);
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={t('export')}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('close')}
            </Button>
            {job?.link !== undefined && (
              <Button variant="primary" iconName="download" href={job.link} download>
                {t('export.download')}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <JobProgress job={job} error={error} onRetry={() => void refetch()} />
        {job?.linkExpiresAt !== undefined && <Box>{t('export.expires', { at: time(job.linkExpiresAt) })}</Box>}
      </SpaceBetween>
    </Modal>
  );
}
