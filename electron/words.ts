import i18next from 'i18next';
import english from '../assets/locales/en.json';
import type { Reason } from './contract/reasons.ts';

const words = i18next.createInstance({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: english } },
  initAsync: false,
  showSupportNotice: false,
  interpolation: { escapeValue: false },
});
void words.init();

/** A text of the desktop's own dialogs. */
export const text = (key: string): string => words.t(key);

/**
 * A reason as a sentence that says what happened and what to do, for the screen and for the control socket. Where
 * somebody is to be named (`who`), the sentence's `_by` form names them; where a cause is known (`trouble`) that not every
 * such reason has, its `_because` form names that.
 */
export const say = ({ code, params }: Reason): string =>
  words.t(`reason.${code}`, {
    ...params,
    context: params?.who ? 'by' : params?.trouble ? 'because' : undefined,
  });
