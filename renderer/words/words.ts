import i18next from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import english from '../../assets/locales/en.json';

type Paths<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}`;
}[keyof T & string];

/** Every text there is, checked by the compiler. */
export type WordKey = Paths<typeof english>;
export type WordParams = Readonly<Record<string, string | number>>;
export type Say = (key: WordKey, params?: WordParams) => string;

const words = i18next.createInstance({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: english } },
  initAsync: false,
  showSupportNotice: false,
  // React escapes.
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
});
void words.use(initReactI18next).init();

export const say: Say = (key, params) => words.t(key, { ...params });

/** The same for components: they are drawn anew when the language changes. */
export function useWords(): Say {
  const { t } = useTranslation(undefined, { i18n: words });
  // The same function until the language changes: components that were given it need not be drawn anew.
  return useCallback((key, params) => t(key, { ...params }), [t]);
}
