import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Textarea from '@cloudscape-design/components/textarea';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FirstVoteView, FlagView } from '../../../core/queries/views.ts';
import { isConflict } from '../../api/problem.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { useNotices } from '../../shell/notices.tsx';
import { Fault, useFaultText } from '../../shown/fault.tsx';
import { FlagStatusIndicator } from '../../shown/flag-status.tsx';
import { type Decision, decisionsFor, hasMoved, isAsSeen } from './decisions.ts';

/** As the API bounds it. */
const REASON_LENGTH_MAX = 1_000;
const EVIDENCE_LENGTH_MAX = 2_000;

interface DecisionModalProps {
  readonly decision: Decision;
  readonly shown: FlagView;
  readonly onClose: () => void;
}

/** Asks for the reason of a decision, on the flag as it is now: it is read anew before anything can be confirmed. */
export function DecisionModal({ decision, shown, onClose }: DecisionModalProps) {
  const { t, money } = useMessages();
  const { person } = useSession();
  const read = useFreshFlag(shown.id);
  const [reason, setReason] = useState('');
  const [evidence, setEvidence] = useState('');
  const isWorded = reason.trim() !== '' && (decision !== 'refunded-in-error' || evidence.trim() !== '');
  const now = read.data;
  const { decide, isBusy, fault } = useDecide({
    decision,
    flag: now ?? shown,
    onDone: onClose,
    onConflict: read.refetch,
  });
  const isPossible =
    now !== undefined &&
    decisionsFor(now, { person, readAtMs: read.dataUpdatedAt, nowMs: Date.now() }).includes(decision);
  const amount = money(shown.charge.amountMinor, shown.charge.currency);
  return (
    <Modal
      visible
      onDismiss={onClose}
      header={t(`decision.${decision}`, { amount })}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button
              variant="primary"
              disabled={!isPossible || !isWorded}
              loading={isBusy}
              onClick={() => void decide(reason.trim(), evidence.trim())}
            >
              {t(`decision.${decision}.confirm`)}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{t(`decision.${decision}.what`, { charge: shown.charge.chargeId })}</Box>
        {read.isPending && <Spinner />}
        {read.error !== null && <Fault error={read.error} onRetry={() => void read.refetch()} />}
        {now !== undefined && hasMoved(shown, now) && (
          <Alert type="warning" header={t('decision.moved')}>
            <FlagStatusIndicator status={now.status} />
          </Alert>
        )}
        {now !== undefined && !isPossible && <Alert type="info">{t('decision.impossible')}</Alert>}
        {fault !== undefined && <Alert type="error">{fault}</Alert>}
        {isPossible && <Words label="reason" text={reason} lengthMax={REASON_LENGTH_MAX} onChange={setReason} />}
        {isPossible && decision === 'refunded-in-error' && (
          <Words label="evidence" text={evidence} lengthMax={EVIDENCE_LENGTH_MAX} onChange={setEvidence} />
        )}
      </SpaceBetween>
    </Modal>
  );
}

interface WordsProps {
  readonly label: 'reason' | 'evidence';
  readonly text: string;
  readonly lengthMax: number;
  readonly onChange: (text: string) => void;
}

function Words({ label, text, lengthMax, onChange }: WordsProps) {
  const { t } = useMessages();
  return (
    <FormField
      label={t(`decision.${label}`)}
      description={t(`decision.${label}.hint`)}
      constraintText={t('decision.length', { left: lengthMax - text.length })}
    >
      <Textarea
        value={text}
        onChange={({ detail }) => onChange(detail.value.replaceAll('\n', ' ').slice(0, lengthMax))}
        autoFocus={label === 'reason'}
        rows={3}
      />
    </FormField>
  );
}

function useFreshFlag(id: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: ['flag', id],
    queryFn: () => api.get<FlagView>(`/flags/${id}`),
    // What was read for another opening of this dialog is not what is asked for now.
    gcTime: 0,
    refetchInterval: 3_000,
  });
}

interface Deciding {
  readonly decision: Decision;
  /** As the user sees it. */
  readonly flag: FlagView;
  readonly onDone: () => void;
  readonly onConflict: () => Promise<unknown>;
}

function doneText(decision: Decision, answer: FlagView | FirstVoteView) {
  if (!('needsAnother' in answer) || decision === 'refunded-in-error') return `decision.${decision}.done` as const;
  const isSum = decision === 'approve' && answer.needsAnother === 'approver-sum';
  return isSum ? 'decision.approve.needsAnother.sum' : (`decision.${decision}.needsAnother` as const);
}

function useDecide({ decision, flag, onDone, onConflict }: Deciding) {
  const { t } = useMessages();
  const { api } = useSession();
  const { notify } = useNotices();
  const faultText = useFaultText();
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const decide = async (reason: string, evidence: string) => {
    setBusy(true);
    setFault(undefined);
    try {
      const body = { reason, ...(evidence !== '' && { evidence }) };
      const mayRepeat = async () => isAsSeen(flag, await api.get<FlagView>(`/flags/${flag.id}`));
      const { answer } = await api.post<FlagView | FirstVoteView>(`/flags/${flag.id}/${decision}`, body, { mayRepeat });
      const charge = flag.charge.chargeId;
      notify({
        type: 'success',
        content: t(doneText(decision, answer), { charge }),
      });
      onDone();
    } catch (error) {
      setFault(t(isConflict(error) ? 'decision.conflict' : 'decision.fault', { reason: faultText(error) }));
      await onConflict();
    }
    setBusy(false);
    await queries.invalidateQueries({ queryKey: ['case'] });
  };
  return { decide, isBusy, fault };
}
