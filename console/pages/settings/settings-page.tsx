import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { SettingsView } from '../../api/answers.ts';
import { NOTICES_FILE } from '../../hosting.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Page } from '../../shell/page.tsx';
import { Fault } from '../../shown/fault.tsx';
import { FreezeAlert } from '../../shown/freeze-alert.tsx';
import { Token } from '../../shown/token.tsx';
import { DetectorsTable } from './detectors-table.tsx';
import { LimitsTable } from './limits-table.tsx';
import { MerchantsTable } from './merchants-table.tsx';

const REFRESH_MS = 30_000;

/** What is configured, to be read: it is changed by a deployment, under review, and not by a click. */
export function SettingsPage() {
  const { t } = useMessages();
  const { api } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ['settings'],
    queryFn: () => api.get<SettingsView>('/settings'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Page
      title={t('settings')}
      header={
        <Header variant="h1" description={t('settings.description')}>
          {t('settings')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Spinner size="large" />}
        <FreezeAlert frozen={data?.frozen} />
        {data !== undefined && <Found settings={data} />}
        <Link href={`/${NOTICES_FILE}`} external={true} externalIconAriaLabel={t('settings.notices.newTab')}>
          {t('settings.notices')}
        </Link>
      </SpaceBetween>
    </Page>
  );
}

function Found({ settings }: { readonly settings: SettingsView }) {
  const { t } = useMessages();
  return (
    <SpaceBetween size="l">
      <Container>
        <KeyValuePairs
          columns={3}
          items={[
            { label: t('settings.configuration'), value: <Token text={settings.configuration} /> },
            { label: t('settings.history'), value: t(`settings.history.${settings.history}`) },
            {
              label: t('settings.freeze'),
              value: t(settings.frozen === undefined ? 'settings.freeze.no' : 'settings.freeze.yes'),
            },
          ]}
        />
      </Container>
      <DetectorsTable detectors={settings.detectors} />
      <LimitsTable settings={settings} />
      <MerchantsTable merchants={settings.merchants} />
    </SpaceBetween>
  );
}
