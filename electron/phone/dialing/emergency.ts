import type { Call } from '../calls/call.ts';
import { seizable } from '../lines/key-offers.ts';
import type { LineKeyConfig, Phone } from '../phone.ts';
import { onCall, replaceCall, type Step } from '../transition.ts';
import { isEmergency } from './numbering.ts';

/** How long a shared line may take to be granted for an emergency call, in ms; then it goes out on another one. */
export const emergencyPatience = 1_500;

export const isEmergencyCall = (phone: Phone, { number }: Call): boolean =>
  number !== null && isEmergency(phone, number);

/**
 * The key that an emergency call goes out on: the one asked for if it is free, else a private line, else any. Should the
 * PBX not know us, it is tried nevertheless.
 */
export function emergencyKey(phone: Phone, wanted: LineKeyConfig | undefined): LineKeyConfig | undefined {
  const lines = linesByPrivacy(phone);
  const candidates = wanted ? [wanted, ...lines] : lines;
  return candidates.find((key) => seizable(phone, key, 'urgent').ok) ?? lines[0];
}

/** The line is refused to an emergency call, or nobody answers for it: it is made on a private one. Null: there is none. */
export function fallOver(phone: Phone, call: Call, at: number): Step | null {
  if (call.phase !== 'seizing' || !isEmergencyCall(phone, call)) return null;
  const key = linesByPrivacy(phone).find(({ shared }) => !shared);
  if (!key) return null;
  const moved = replaceCall(phone, {
    ...call,
    lineKey: key.index,
    extension: key.extension,
    appearance: null,
  });
  return onCall(moved, call.id, { type: 'granted' }, at);
}

const linesByPrivacy = ({ config }: Phone): readonly LineKeyConfig[] =>
  config.lineKeys
    .filter(({ watched }) => watched === null)
    .toSorted((one, other) => Number(one.shared) - Number(other.shared));
