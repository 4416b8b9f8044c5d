import '@cloudscape-design/global-styles/index.css';
import './console.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { isPassing } from './api/problem.ts';
import { App } from './app.tsx';
import type { ConsoleSettings } from './hosting.ts';
import { MessagesProvider } from './messages/messages.tsx';
import { SessionProvider } from './session/session.tsx';
import { PreferencesProvider } from './shell/preferences.tsx';

const RETRIES_MAX = 2;

const queries = new QueryClient({
  defaultOptions: { queries: { retry: (tried, error) => tried < RETRIES_MAX && isPassing(error) } },
});

const answer = await fetch('/settings.json');
if (!answer.ok) throw new Error(`settings.json: ${answer.status}`);
// Written by the host of this very file.
const settings = (await answer.json()) as ConsoleSettings;

const root = document.getElementById('root');
if (root === null) throw new Error('bug: index.html has no root');
createRoot(root).render(
  <QueryClientProvider client={queries}>
    <PreferencesProvider>
      <MessagesProvider>
        <SessionProvider settings={settings}>
          <App />
        </SessionProvider>
      </MessagesProvider>
    </PreferencesProvider>
  </QueryClientProvider>,
);
