import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Zone } from '../format/time.ts';
import { isLanguage, type Language, preferredLanguage } from '../messages/languages.ts';

export type Theme = 'system' | 'light' | 'dark';

interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly zone: Zone;
  choose(change: Partial<Chosen>): void;
}

interface Chosen {
  readonly language: Language;
  readonly theme: Theme;
  readonly zone: Zone;
}

const STORED_AS = 'onecharge.preferences';
const PreferencesContext = createContext<Preferences | undefined>(undefined);

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (preferences === undefined) throw new Error('bug: no preferences around this');
  return preferences;
}

/** What the reader has chosen, kept in this browser; until then what the browser itself asks for. */
export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const [chosen, setChosen] = useState(readChosen);
  const prefersDark = useSyncExternalStore(onSystemTheme, () => DARK.matches);
  const isDark = chosen.theme === 'system' ? prefersDark : chosen.theme === 'dark';
  useEffect(() => applyMode(isDark ? Mode.Dark : Mode.Light), [isDark]);
  const preferences = useMemo(() => {
    const choose = (change: Partial<Chosen>) => {
      const next = { ...chosen, ...change };
      localStorage.setItem(STORED_AS, JSON.stringify(next));
      setChosen(next);
    };
    return { ...chosen, choose };
  }, [chosen]);
  return <PreferencesContext.Provider value={preferences}>{children}</PreferencesContext.Provider>;
}

const DARK = matchMedia('(prefers-color-scheme: dark)');

function onSystemTheme(changed: () => void): () => void {
  DARK.addEventListener('change', changed);
  return () => DARK.removeEventListener('change', changed);
}

function readChosen(): Chosen {
  const stored = readStored();
  const theme = stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : 'system';
  const language = isLanguage(stored.language) ? stored.language : preferredLanguage(navigator.languages);
  return { language, theme, zone: stored.zone === 'utc' ? 'utc' : 'local' };
}

/** Whatever an older console, or somebody, has left there. */
function readStored(): Partial<Record<keyof Chosen, unknown>> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? '{}');
    return typeof stored === 'object' && stored !== null ? stored : {};
  } catch {
    return {};
  }
}
