import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import { useMessages } from '../messages/messages.tsx';
import { Page } from '../shell/page.tsx';
import { RouteLink } from '../shell/route-link.tsx';

export function NotFoundPage() {
  const { t } = useMessages();
  return (
    <Page title={t('notFound')} header={<Header variant="h1">{t('notFound')}</Header>}>
      <Box>
        <RouteLink to="/cases">{t('cases')}</RouteLink>
      </Box>
    </Page>
  );
}
