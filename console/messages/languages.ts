import type { I18nProviderProps } from '@cloudscape-design/components/i18n';
import type { Sentence } from '../../core/cases/sentences.ts';
import { type Catalogue, fill, type MessageKey, type Values } from './catalogue.ts';
import { chinese } from './chinese.ts';
import { english } from './english.ts';

export type Language = 'en' | 'zh-CN';

interface LanguageParts {
  /** The language's own name. */
  readonly name: string;
  readonly catalogue: Catalogue;
  /** Which of the languages of the API's sentences it is. */
  readonly sentences: keyof Sentence;
  /** The component library's own texts, fetched for the language that is shown. */
  readonly components: () => Promise<I18nProviderProps.Messages>;
}

export const LANGUAGES: { readonly [language in Language]: LanguageParts } = {
  en: {
    name: 'English',
    catalogue: english,
    sentences: 'en',
    components: async () => (await import('@cloudscape-design/components/i18n/messages/all.en')).default,
  },
  'zh-CN': {
    name: '简体中文',
    catalogue: chinese,
    sentences: 'zh',
    components: async () => (await import('@cloudscape-design/components/i18n/messages/all.zh-CN')).default,
  },
};

export function isLanguage(text: unknown): text is Language {
  return typeof text === 'string' && Object.hasOwn(LANGUAGES, text);
}

/** Chinese for those whose browser asks for any Chinese before English. */
export function preferredLanguage(asked: readonly string[]): Language {
  const first = asked.find((tag) => /^(zh|en)\b/i.test(tag));
  return first !== undefined && /^zh/i.test(first) ? 'zh-CN' : 'en';
}

export function translate(language: Language, key: MessageKey, values: Values = {}): string {
  return fill(LANGUAGES[language].catalogue[key], values);
}
