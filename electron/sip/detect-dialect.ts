import type { Dialect, Profile } from '../contract/profile.ts';
import { type Reason, reason } from '../contract/reasons.ts';
import type { SipEvent } from '../phone/events.ts';
import { NegotiationError, type Negotiator } from '../phone/negotiation.ts';
import type { Log } from '../phone/ports.ts';
import { createSipStation } from './sip-station.ts';

export interface Detection {
  readonly dialect: Dialect;
  /** The PBX tells the states of its extensions (RFC 4235), so that keys can watch them. */
  readonly watching: boolean;
}

export type DetectionResult =
  | { readonly ok: true; readonly found: Detection }
  | { readonly ok: false; readonly reason: Reason };

export interface DetectionOptions {
  /** Its own dialect does not matter. */
  readonly profile: Profile;
  readonly log: Log;
  readonly version: string;
}

/** `bla` last: that nobody subscribes to us is only known after some seconds (bla.ts). */
const tried: readonly Dialect[] = ['spa9000', 'sca', 'bla'];
/** Milliseconds for the registration, and from it to the word of an agent. */
const registrationTime = 8_000;
const agentTime = 5_000;
/** Milliseconds that the word on watching may come after that of the agent. */
const watchTime = 1_000;

/**
 * Finds out how a PBX speaks shared lines: one of the shared extensions goes on the air for a moment, over a port of its
 * own, in one dialect after the other. A dialect is spoken where the PBX not only takes what is asked, as some take
 * anything, but also tells of the line in it: a NOTIFY to our Contact after ours to `sa`, a subscription to us, a NOTIFY
 * of `call-info`.
 */
export async function detectDialect(options: DetectionOptions): Promise<DetectionResult> {
  let watching = false;
  for (const dialect of tried) {
    const profile = profileOfTrial(options.profile, dialect);
    if (!profile) return { ok: false, reason: reason('no-shared-extension') };
    const heard = await listen({ ...options, profile });
    watching ||= heard.watching;
    if (heard.refused) return { ok: false, reason: heard.refused };
    if (heard.speaks) return { ok: true, found: { dialect, watching } };
  }
  return { ok: true, found: { dialect: 'none', watching } };
}

/** The first shared extension alone, which also watches itself. Nothing else of the phone is disturbed. */
function profileOfTrial({ extensions, ...profile }: Profile, dialect: Dialect): Profile | null {
  const shared = extensions.find(({ sharedUserId }) => sharedUserId !== undefined);
  if (shared?.sharedUserId === undefined) return null;
  return {
    ...profile,
    pbx: { ...profile.pbx, dialect },
    extensions: [{ ...shared, localPort: anyPort }],
    lineKeys: [{ watch: shared.sharedUserId, extension: 1, label: shared.sharedUserId }],
  };
}

/** The kernel chooses. */
const anyPort = 0;

interface Heard {
  speaks: boolean;
  watching: boolean;
  /** Why the extension could not be registered. */
  refused: Reason | null;
}

async function listen({ profile, log, version }: DetectionOptions): Promise<Heard> {
  const heard: Heard = { speaks: false, watching: false, refused: null };
  const { address, port } = profile.pbx;
  let [isPresent, isTold] = [false, false];
  let end = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const endIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(end, ms);
  };
  const onEvent = (event: SipEvent): void => {
    if (event.type === 'registered' && event.fresh) {
      sip.perform({ type: 'announce', extension: 1 });
      endIn(agentTime);
    }
    if (event.type === 'register-failed') {
      const { code, params } = event.reason;
      heard.refused = reason(code, { address, port, ...params });
      end();
    }
    // It rings for others.
    if (event.type === 'incoming') sip.perform({ type: 'decline', call: event.call, status: 480 });
    if (event.type === 'watched' && event.dialogs) heard.watching = true;
    if (event.type === 'appearances') isTold = true;
    if (event.type === 'agent') isPresent = event.present;
    if (event.type === 'agent' && !event.present) end();
    if (!heard.speaks && isPresent && isTold) {
      heard.speaks = true;
      endIn(watchTime);
    }
    if (heard.speaks && heard.watching) end();
  };
  const sip = createSipStation({ profile, negotiator: withoutSound, onEvent, log, version });
  timer = setTimeout(() => {
    heard.refused = reason('pbx-unreachable', { address, port });
    end();
  }, registrationTime);
  await sip.start();
  await over;
  clearTimeout(timer);
  await sip.stop();
  return heard;
}

/** No call is taken here. */
const withoutSound: Negotiator = {
  prepare: async () => {},
  offer: () => Promise.reject(new NegotiationError('no-audio', 'no sound here')),
  takeAnswer: () => Promise.reject(new NegotiationError('no-audio', 'no sound here')),
  answer: () => Promise.reject(new NegotiationError('no-audio', 'no sound here')),
  release() {},
};
