import { I18nProvider, type I18nProviderProps } from '@cloudscape-design/components/i18n';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Minor } from '../../core/brands.ts';
import type { Sentence } from '../../core/cases/sentences.ts';
import { formatMoney } from '../format/money.ts';
import { formatTime } from '../format/time.ts';
import { usePreferences } from '../shell/preferences.tsx';
import type { MessageKey, Values } from './catalogue.ts';
import { LANGUAGES, type Language, translate } from './languages.ts';

interface Messages {
  readonly locale: Language;
  t(key: MessageKey, values?: Values): string;
  money(minor: Minor, currency: string): string;
  time(iso: string): string;
  number(value: number): string;
  /** A sentence that the API gives in each language. */
  said(sentence: Sentence): string;
}

const MessagesContext = createContext<Messages | undefined>(undefined);

/** Texts, money and times as the reader has chosen to see them. */
export function useMessages(): Messages {
  const messages = useContext(MessagesContext);
  if (messages === undefined) throw new Error('bug: no messages around this');
  return messages;
}

export function MessagesProvider({ children }: { readonly children: ReactNode }) {
  const { language, zone } = usePreferences();
  const components = useComponentMessages(language);
  const messages = useMemo<Messages>(() => {
    const numbers = new Intl.NumberFormat(language);
    return {
      locale: language,
      t: (key, values) => translate(language, key, values),
      money: (minor, currency) => formatMoney(minor, { currency, locale: language }),
      time: (iso) => formatTime(iso, { locale: language, zone }),
      number: (value) => numbers.format(value),
      said: (sentence) => sentence[LANGUAGES[language].sentences],
    };
  }, [language, zone]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  if (components === undefined) return null;
  return (
    <I18nProvider locale={language} messages={[components]}>
      <MessagesContext.Provider value={messages}>{children}</MessagesContext.Provider>
    </I18nProvider>
  );
}

/** Those of the language before are shown until the new ones have come. */
function useComponentMessages(language: Language): I18nProviderProps.Messages | undefined {
  const [components, setComponents] = useState<I18nProviderProps.Messages>();
  useEffect(() => {
    let isWanted = true;
    void LANGUAGES[language].components().then((messages) => isWanted && setComponents(messages));
    return () => {
      isWanted = false;
    };
  }, [language]);
  return components;
}
