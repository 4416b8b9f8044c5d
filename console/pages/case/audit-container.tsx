import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { TimelineEntry } from '../../../core/queries/views.ts';
import type { CaseDetail } from '../../api/answers.ts';
import { useMessages } from '../../messages/messages.tsx';
import { Actor } from '../../shown/actor.tsx';
import { Token } from '../../shown/token.tsx';
import { auditedStatus } from './audited-status.ts';

/** Every change of the case's flags, newest first, and whether the chain of their hashes holds. */
export function AuditContainer({ found: { timeline, audit } }: { readonly found: CaseDetail }) {
  const { t, time } = useMessages();
  return (
    <Table<TimelineEntry>
      variant="container"
      trackBy="seq"
      items={timeline.toReversed()}
      wrapLines
      header={
        <Header
          counter={`(${timeline.length})`}
          description={
            audit.kind === 'intact' ? (
              <StatusIndicator type="success">
                {t('audit.intact', { length: audit.length, head: audit.head.slice(0, 12) })}
              </StatusIndicator>
            ) : (
              <StatusIndicator type="error">
                {t('audit.broken', { seq: audit.seq, reason: audit.reason })}
              </StatusIndicator>
            )
          }
        >
          {t('audit')}
        </Header>
      }
      columnDefinitions={[
        { id: 'seq', header: '#', cell: ({ seq }) => seq, width: 60, isRowHeader: true },
        { id: 'at', header: t('audit.at'), cell: ({ at }) => time(at), minWidth: 200 },
        {
          id: 'flag',
          header: t('audit.flag'),
          cell: ({ flagId }) => <Token text={flagId.slice(0, 8)} />,
          minWidth: 110,
        },
        { id: 'actor', header: t('audit.actor'), cell: ({ actor }) => <Actor actor={actor} /> },
        { id: 'change', header: t('audit.change'), cell: (entry) => <Change entry={entry} />, minWidth: 200 },
        { id: 'reason', header: t('audit.reason'), cell: ({ reason }) => reason, minWidth: 220 },
        { id: 'hash', header: t('audit.hash'), cell: ({ hash }) => <Token text={hash.slice(0, 12)} />, minWidth: 150 },
      ]}
    />
  );
}

function Change({ entry: { from, to } }: { readonly entry: TimelineEntry }) {
  const { t } = useMessages();
  return (
    <>
      {from !== 'none' && from !== to && <Box variant="span">{t(`flag.${auditedStatus(from)}`)} → </Box>}
      {t(`flag.${auditedStatus(to)}`)}
    </>
  );
}
