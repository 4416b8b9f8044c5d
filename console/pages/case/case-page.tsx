import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { Ms } from '../../../core/brands.ts';
import type { CaseDetail } from '../../api/answers.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Page } from '../../shell/page.tsx';
import { WayBack } from '../../shell/way-back.tsx';
import { CaseStatus } from '../../shown/case-status.tsx';
import { Deadline } from '../../shown/deadline.tsx';
import { Fault } from '../../shown/fault.tsx';
import { Token } from '../../shown/token.tsx';
import { newestList } from '../cases/list-position.ts';
import { AuditContainer } from './audit-container.tsx';
import { ChargesContainer } from './charges-container.tsx';
import { CommentsContainer } from './comments-container.tsx';
import { EvidenceButton } from './evidence-button.tsx';
import { RefundContainer } from './refund-container.tsx';

const REFRESH_OPEN_MS = 3_000;
const REFRESH_RESOLVED_MS = 15_000;

/** One case: its charges, its refunds, what people said, and the record of all that happened. */
export function CasePage({ id }: { readonly id: string }) {
  const { t } = useMessages();
  const { api } = useSession();
  const { data, error, refetch, dataUpdatedAt, isRefetchError } = useQuery({
    queryKey: ['case', id],
    queryFn: () => api.get<CaseDetail>(`/cases/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data?.status === 'resolved' ? REFRESH_RESOLVED_MS : REFRESH_OPEN_MS),
  });
  const title = t('case.title', { id: id.slice(0, 8) });
  return (
    <Page
      title={title}
      header={
        <SpaceBetween size="xs">
          <WayBack list={{ text: t('cases'), href: newestList() }} here={t('case')} />
          <Header
            variant="h1"
            {...(data && { info: <CaseStatus of={data} />, actions: <EvidenceButton caseId={id} /> })}
          >
            {title}
          </Header>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && (
          <Box textAlign="center">
            <Spinner size="large" />
          </Box>
        )}
        {data !== undefined && <Found found={data} readAtMs={isRefetchError ? 0 : dataUpdatedAt} />}
      </SpaceBetween>
    </Page>
  );
}

function Found({ found, readAtMs }: { readonly found: CaseDetail; readonly readAtMs: Ms }) {
  return (
    <SpaceBetween size="l">
      <Summary found={found} />
      <ChargesContainer found={found} />
      {found.flags
        .toSorted((a, b) => a.chargedAt.localeCompare(b.chargedAt))
        .map((flag, at) => (
          <RefundContainer key={flag.id} flag={flag} number={at + 1} timeline={found.timeline} readAtMs={readAtMs} />
        ))}
      <CommentsContainer caseId={found.id} comments={found.comments} />
      <AuditContainer found={found} />
    </SpaceBetween>
  );
}

function Summary({ found }: { readonly found: CaseDetail }) {
  const { t, money, time } = useMessages();
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('case.merchant'), value: <Token text={found.merchant} /> },
          { label: t('case.order'), value: <Token text={found.order} /> },
          { label: t('case.atStake'), value: money(found.atStakeMinor, found.currency) },
          { label: t('case.refunded'), value: money(found.refundedMinor, found.currency) },
          { label: t('case.original'), value: <Token text={found.original.chargeId} /> },
          { label: t('case.opened'), value: time(found.openedAt) },
          { label: t('case.updated'), value: time(found.updatedAt) },
          { label: t('case.deadline'), value: <Deadline of={found} /> },
        ]}
      />
    </Container>
  );
}
