import type { AppearanceDialog, Party, PlacedDialog } from '../../phone/lines/dialog.ts';
import { readNameAddr, readSipUri, splitList } from '../message/message-fields.ts';

/** What a Call-Info header says of an appearance (Broadsoft SCA). */
export interface CallInfo {
  /** 0-based, as everywhere but in this header; `rest`: all that are not named (`appearance-index=*`). */
  readonly appearance: number | 'rest';
  readonly state: AppearanceState | null;
  /** The far end of its call. */
  readonly remote: Party | null;
}

const states = ['idle', 'seized', 'progressing', 'alerting', 'active', 'held', 'held-private'] as const;
export type AppearanceState = (typeof states)[number];

/** Reads Call-Info headers, each with one value or several; what is about something else is left out. */
export function readCallInfo(values: readonly string[]): CallInfo[] {
  return values.flatMap(splitList).flatMap((value): CallInfo[] => {
    const params = readNameAddr(value)?.params;
    const index = params?.get('appearance-index') ?? '';
    const state = params?.get('appearance-state')?.toLowerCase();
    const isNumber = /^[1-9]\d{0,3}$/.test(index);
    if (!isNumber && index !== '*') return [];
    return [
      {
        appearance: isNumber ? Number(index) - 1 : 'rest',
        state: states.find((each) => each === state) ?? null,
        remote: party(params?.get('appearance-uri') ?? null),
      },
    ];
  });
}

/** `<sip:192.168.0.1>;appearance-index=1` for appearance 0. */
export const writeCallInfo = (host: string, appearance: number): string =>
  `<sip:${host.includes(':') ? `[${host}]` : host}>;appearance-index=${appearance + 1}`;

/** The appearance as if a dialog-info document had told it. Call-Info does not say which station is on the line. */
export function dialogOf(appearance: number, state: AppearanceState, remote: Party | null): PlacedDialog {
  const dialog: AppearanceDialog = {
    id: `call-info-${appearance}`,
    direction: state === 'alerting' ? 'recipient' : 'initiator',
    state: dialogStates[state],
    held: state === 'held' || state === 'held-private',
    exclusive: state === 'held-private',
    local: null,
    remote,
  };
  return { appearance, dialog };
}

const dialogStates: Readonly<Record<AppearanceState, AppearanceDialog['state']>> = {
  idle: 'terminated',
  seized: 'trying',
  progressing: 'proceeding',
  alerting: 'early',
  active: 'confirmed',
  held: 'confirmed',
  'held-private': 'confirmed',
};

/** Kamailio loses the colon before the port, so that the host may be unreadable: the user is what counts. */
function party(text: string | null): Party | null {
  const address = readNameAddr(text ?? '');
  if (!address) return null;
  const number = readSipUri(address.uri)?.user ?? /^sips?:([^@;>]+)@/i.exec(address.uri)?.[1];
  return number === undefined ? null : { number, name: address.display };
}
