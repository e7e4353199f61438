import type { Reason } from '../contract/reasons.ts';
import { type SettingsChange, settingsAfter } from '../contract/settings.ts';
import { readDialPlan } from './dialing/dial-plan-text.ts';
import type { Phone } from './phone.ts';
import { refuse } from './reply.ts';
import type { Step } from './transition.ts';

/** Changes the settings, at once and for good. */
export function configure(phone: Phone, request: number, change: SettingsChange): Step {
  const mistake = dialPlanMistake(change.dialPlan ?? null);
  if (mistake) return refuse(phone, request, mistake);
  return {
    phone: { ...phone, settings: settingsAfter(phone.settings, change) },
    effects: [
      { type: 'save-settings', change },
      { type: 'reply', request, reply: { ok: true, result: { done: true } } },
    ],
  };
}

/** What is wrong with a dial plan; null: nothing. */
export function dialPlanMistake(text: string | null): Reason | null {
  const read = text === null ? null : readDialPlan(text);
  if (text === null || read === null || read.ok) return null;
  const { position, kind } = read.mistake;
  const field = text.slice(position, position + 16);
  return { code: 'dial-plan-malformed', params: { position: position + 1, field, mistake: kind } };
}
