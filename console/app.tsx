import AppLayout from '@cloudscape-design/components/app-layout';
import Flashbar from '@cloudscape-design/components/flashbar';
import { useState } from 'react';
import { Route, Switch } from 'wouter';
import { useMessages } from './messages/messages.tsx';
import { CasePage } from './pages/case/case-page.tsx';
import { CasesPage } from './pages/cases/cases-page.tsx';
import { IncidentPage } from './pages/incidents/incident-page.tsx';
import { IncidentsPage } from './pages/incidents/incidents-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OverviewPage } from './pages/overview/overview-page.tsx';
import { PayerPage } from './pages/payer/payer-page.tsx';
import { SettingsPage } from './pages/settings/settings-page.tsx';
import { WaitingPage } from './pages/waiting/waiting-page.tsx';
import { NoRolePage } from './session/no-role-page.tsx';
import { useSession } from './session/session.tsx';
import { Navigation } from './shell/navigation.tsx';
import { NoticesProvider, useNotices } from './shell/notices.tsx';
import { Top } from './shell/top.tsx';

/** On smaller screens the pages' names would cover the page. */
const WIDE = '(min-width: 1000px)';

export function App() {
  return (
    <NoticesProvider>
      <Top />
      <Layout />
    </NoticesProvider>
  );
}

function Layout() {
  const { t } = useMessages();
  const { items } = useNotices();
  const { person } = useSession();
  const [isNavigationOpen, setNavigationOpen] = useState(() => matchMedia(WIDE).matches);
  return (
    <AppLayout
      headerSelector="#top"
      navigation={<Navigation />}
      navigationOpen={isNavigationOpen}
      onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
      toolsHide
      notifications={<Flashbar items={[...items]} stackItems />}
      ariaLabels={{
        navigation: t('navigation'),
        navigationClose: t('navigation.close'),
        navigationToggle: t('navigation.open'),
      }}
      content={person.role === undefined ? <NoRolePage /> : <Pages />}
    />
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <OverviewPage />
      </Route>
      <Route path="/waiting">
        <WaitingPage />
      </Route>
      <Route path="/cases">
        <CasesPage />
      </Route>
      <Route path="/cases/:id">{({ id }) => <CasePage key={id} id={id} />}</Route>
      <Route path="/incidents">
        <IncidentsPage />
      </Route>
      <Route path="/incidents/:id">{({ id }) => <IncidentPage key={id} id={id} />}</Route>
      <Route path="/payers">
        <PayerPage />
      </Route>
      <Route path="/settings">
        <SettingsPage />
      </Route>
      <Route>
        <NotFoundPage />
      </Route>
    </Switch>
  );
}
