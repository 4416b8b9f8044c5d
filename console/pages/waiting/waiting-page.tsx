import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useMessages } from '../../messages/messages.tsx';
import { Page } from '../../shell/page.tsx';
import { Fault } from '../../shown/fault.tsx';
import { useWaiting } from './use-waiting.ts';
import { WaitingTable } from './waiting-table.tsx';

/** Refunds that wait for an approver, those first that look most like copies. */
export function WaitingPage() {
  const { t } = useMessages();
  const { rows, waiting, showWaiting, error, refetch, hasMore, isLoadingMore, loadMore } = useWaiting();
  return (
    <Page
      title={t('waiting')}
      header={
        <Header
          variant="h1"
          description={t('waiting.description')}
          actions={
            waiting > 0 && (
              <Button iconName="refresh" onClick={showWaiting}>
                {t('waiting.new', { count: waiting })}
              </Button>
            )
          }
        >
          {t('waiting')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
        {rows === undefined && error === null && <Spinner size="large" />}
        {rows !== undefined && (
          <WaitingTable
            flags={rows}
            footer={
              hasMore && (
                <Button loading={isLoadingMore} onClick={loadMore}>
                  {t('waiting.more')}
                </Button>
              )
            }
          />
        )}
      </SpaceBetween>
    </Page>
  );
}
