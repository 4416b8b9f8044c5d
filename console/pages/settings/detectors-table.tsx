import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { SettingsView } from '../../api/answers.ts';
import { formatSpan } from '../../format/time.ts';
import { useMessages } from '../../messages/messages.tsx';

type Detector = SettingsView['detectors'][number];

const SPANS = ['windowMs', 'latenessMs', 'retainMs', 'graceMs'] as const;

/** The notions of "the same payment", strongest first. */
export function DetectorsTable({ detectors }: { readonly detectors: readonly Detector[] }) {
  const { t } = useMessages();
  return (
    <Table<Detector>
      variant="container"
      trackBy="id"
      wrapLines
      items={detectors}
      header={<Header description={t('settings.detectors.description')}>{t('settings.detectors')}</Header>}
      columnDefinitions={[
        { id: 'id', header: t('settings.detector'), cell: ({ id }) => id, isRowHeader: true, minWidth: 140 },
        { id: 'action', header: t('settings.action'), cell: ({ action }) => t(`action.${action}`), minWidth: 110 },
        { id: 'key', header: t('settings.key'), cell: ({ key }) => key.join(', ') },
        { id: 'same', header: t('settings.same'), cell: ({ same }) => same.join(', ') || '–' },
        ...SPANS.map((span) => ({
          id: span,
          header: t(`settings.${span}`),
          cell: (detector: Detector) => formatSpan(detector[span]),
          minWidth: 110,
        })),
        { id: 'exempt', header: t('settings.exempt'), cell: ({ exemptMccs }) => exemptMccs.join(', ') || '–' },
      ]}
    />
  );
}
