import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Steps from '@cloudscape-design/components/steps';
import { useState } from 'react';
import type { Ms } from '../../../core/brands.ts';
import type { FlagView, TimelineEntry } from '../../../core/queries/views.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Actor } from '../../shown/actor.tsx';
import { FLAG_LOOK, FlagStatusIndicator } from '../../shown/flag-status.tsx';
import { Token } from '../../shown/token.tsx';
import { DecisionModal } from './decision-modal.tsx';
import { type Decision, decisionsFor, isAmong } from './decisions.ts';
import { refundSteps } from './refund-steps.ts';

interface RefundContainerProps {
  readonly flag: FlagView;
  readonly number: number;
  readonly timeline: readonly TimelineEntry[];
  readonly readAtMs: Ms;
}

/** One surplus charge: how its refund stands, and what a person may decide about it. */
export function RefundContainer({ flag, number, timeline, readAtMs }: RefundContainerProps) {
  const { t, money } = useMessages();
  const { person } = useSession();
  // With the flag as it was shown: what has moved since then must be seen.
  const [asked, setAsked] = useState<{ readonly decision: Decision; readonly shown: FlagView }>();
  const decisions = decisionsFor(flag, { person, readAtMs, nowMs: Date.now() });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={<FlagStatusIndicator status={flag.status} />}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {decisions.map((decision) => (
                <Button
                  key={decision}
                  variant={decision === 'approve' ? 'primary' : 'normal'}
                  onClick={() => setAsked({ decision, shown: flag })}
                >
                  {t(`decision.${decision}.button`)}
                </Button>
              ))}
            </SpaceBetween>
          }
        >
          {t('refund', { number, amount: money(flag.charge.amountMinor, flag.charge.currency) })}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Waiting flag={flag} />
        <Facts flag={flag} />
        <Progress flag={flag} timeline={timeline} />
      </SpaceBetween>
      {asked !== undefined && <DecisionModal {...asked} onClose={() => setAsked(undefined)} />}
    </Container>
  );
}

/** What people must know before anything else: what it waits for, or what went wrong. */
function Waiting({ flag }: { readonly flag: FlagView }) {
  const { t, said } = useMessages();
  const { person } = useSession();
  return (
    <>
      {flag.contested && <Alert type="error">{t('refund.contested')}</Alert>}
      {flag.short && <Alert type="error">{t('refund.short', { why: flag.short.why })}</Alert>}
      {flag.unanswered && <Alert type="error">{t('refund.unanswered')}</Alert>}
      {flag.status === 'failed' && (
        <Alert type="error">
          {flag.failure}
          <Votes votes={flag.approvals} decision="approve" />
          <Votes votes={flag.keeps} decision="keep" />
        </Alert>
      )}
      {(flag.status === 'held' || flag.status === 'expired') && (
        <Alert type="warning" header={t(flag.status === 'held' ? 'refund.waits' : 'refund.expired')}>
          <ul className="plain">
            {flag.reasons.map(({ reason, sentence }) => (
              <li key={reason}>{said(sentence)}</li>
            ))}
            {flag.raisedBy === person.subject && <li>{t('refund.raisedByYou')}</li>}
          </ul>
          <Votes votes={flag.approvals} decision="approve" />
          <Votes votes={flag.keeps} decision="keep" />
        </Alert>
      )}
    </>
  );
}

/** Above an amount it takes two people: who has spoken so far, and that another one must. */
function Votes({ votes, decision }: { readonly votes: FlagView['approvals']; readonly decision: 'approve' | 'keep' }) {
  const { t } = useMessages();
  const { person } = useSession();
  if (votes.length === 0) return null;
  return (
    <div>
      {t(`refund.${decision}By`)}{' '}
      {votes.map(({ by }, at) => (
        <span key={by}>
          {at > 0 && ', '}
          <Actor actor={by} />
        </span>
      ))}
      . {t(isAmong(votes, person) ? 'refund.needsAnother' : 'refund.needsYou')}
    </div>
  );
}

function Facts({ flag }: { readonly flag: FlagView }) {
  const { t, money, said } = useMessages();
  const pairs: readonly (readonly [string, React.ReactNode])[] = [
    [t('refund.charge'), <Token key="charge" text={flag.charge.chargeId} />],
    [t('refund.detector'), `${flag.detector} (${t(`action.${flag.action}`)})`],
    ...(flag.refundMinor === undefined
      ? []
      : [[t('refund.amount'), money(flag.refundMinor, flag.charge.currency)] as const]),
    ...(flag.reference === undefined
      ? []
      : [[t('refund.reference'), <Token key="reference" text={flag.reference} />] as const]),
    ...(flag.processorReference === undefined
      ? []
      : [[t('refund.processorReference'), <Token key="processor" text={flag.processorReference} />] as const]),
    ...(flag.grounds.length === 0
      ? []
      : [[t('refund.restsOn'), flag.grounds.map(({ sentence }) => said(sentence)).join(' ')] as const]),
    ...(flag.denialText === undefined ? [] : [[t('refund.denial'), flag.denialText] as const]),
  ];
  return <KeyValuePairs columns={3} items={pairs.map(([label, value]) => ({ label, value }))} />;
}

function Progress({ flag, timeline }: Pick<RefundContainerProps, 'flag' | 'timeline'>) {
  const { t, time } = useMessages();
  return (
    <Steps
      ariaLabel={t('refund.progress')}
      orientation="horizontal"
      steps={refundSteps(flag, timeline).map(({ status, entry, isLast }) => ({
        status: entry === undefined ? 'pending' : isLast ? FLAG_LOOK[status] : 'success',
        header: entry === undefined ? t('refund.toCome') : t(isVote(entry) ? 'refund.vote' : `flag.${status}`),
        details: entry && (
          <Box color="text-body-secondary" fontSize="body-s">
            {time(entry.at)} · <Actor actor={entry.actor} /> · {entry.reason}
          </Box>
        ),
      }))}
    />
  );
}

/** A word that was not enough: above an amount it takes two people. */
function isVote({ from, to, actor }: TimelineEntry): boolean {
  return from === to && !actor.startsWith('system:');
}
