import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Overview } from '../../core/queries/overview.ts';
import { useMessages } from '../messages/messages.tsx';
import { mayAct } from '../session/person.ts';
import { useSession } from '../session/session.tsx';
import { Actor } from './actor.tsx';
import { Fault } from './fault.tsx';

type Frozen = NonNullable<Overview['frozen']>;

interface PendingThawProps {
  readonly thaw: NonNullable<Frozen['thaw']>;
  /** What the thaw releases; absent on pages that do not read it, and these cannot confirm it. */
  readonly releases: Frozen['releases'];
}

/** A thaw that one admin or operator has asked for. Another admin, who sees what it releases, may confirm it. */
export function PendingThaw({ thaw, releases }: PendingThawProps) {
  const { t, time } = useMessages();
  const { person } = useSession();
  const mayConfirm = mayAct(person, 'admin') && thaw.by !== person.subject;
  return (
    <SpaceBetween size="xs">
      <Box>
        {t('thaw.pending', { at: time(thaw.at), until: time(thaw.until) })} <Actor actor={thaw.by} />: {thaw.reason}
      </Box>
      {releases !== undefined && <Releases releases={releases} />}
      {releases !== undefined && mayConfirm && <ConfirmButton id={thaw.id} />}
    </SpaceBetween>
  );
}

function Releases({ releases }: { readonly releases: NonNullable<Frozen['releases']> }) {
  const { t, money, number } = useMessages();
  const { refunds, minorByCurrency, isCut } = releases;
  if (refunds === 0) return <Box>{t('thaw.releases.none')}</Box>;
  const sums = Object.entries(minorByCurrency).map(([currency, minor]) => money(minor, currency));
  const key = isCut ? 'thaw.releases.cut' : 'thaw.releases';
  return <Box>{t(key, { refunds: number(refunds), sums: sums.join(' + ') })}</Box>;
}

function ConfirmButton({ id }: { readonly id: string }) {
  const { t } = useMessages();
  const { api } = useSession();
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => api.post(`/refunds/thaw/${id}/confirm`, {}),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <SpaceBetween size="xs">
      <Button loading={isPending} onClick={() => mutate()}>
        {t('thaw.confirm')}
      </Button>
      {error !== null && <Fault error={error} onRetry={() => mutate()} />}
    </SpaceBetween>
  );
}
