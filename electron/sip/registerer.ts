import type { Reason } from '../contract/reasons.ts';
import type { Log } from '../phone/ports.ts';
import { type Challenge, credentialsHeaderName, type DigestSession, findChallenge } from './digest.ts';
import {
  allowHeader,
  contactHeader,
  contactUri,
  fromHeader,
  type Identity,
  pbxUri,
  registeredHeader,
} from './identity.ts';
import { createRequest, type Header, header, headerValues, type SipMessage } from './message.ts';
import { readNameAddr, readSipUri, writeHostPort } from './message-fields.ts';
import { createBranch, createCallId, type Random } from './random.ts';
import {
  type Registration,
  type RegistrationEffect,
  type RegistrationEvent,
  type RegistrationTimer,
  stepRegistration,
  unregistered,
} from './registration.ts';
import type { Endpoint } from './retransmission.ts';
import type { UdpAddress } from './udp-socket.ts';

export type RegistrationNews =
  | { readonly type: 'registering' | 'unregistered' }
  | { readonly type: 'registered'; readonly fresh: boolean }
  | { readonly type: 'register-failed'; readonly reason: Reason };

export interface RegistererOptions {
  readonly identity: Identity;
  readonly endpoint: Endpoint;
  readonly digest: DigestSession;
  /** Where the PBX is now; rejects when its name cannot be resolved. */
  resolve(): Promise<UdpAddress>;
  tell(news: RegistrationNews): void;
  readonly userAgent: string;
  readonly random: Random;
  readonly log: Log;
}

/** Keeps one extension registered: carries out what registration.ts decides. */
export class Registerer {
  private state: Registration = unregistered;
  private readonly timers = new Map<RegistrationTimer, NodeJS.Timeout>();
  private readonly callId: string;
  private readonly fromTag: string;
  private cseq = 0;
  private challenge: { readonly header: string; readonly challenge: Challenge } | null = null;
  /** Answers to an earlier attempt do not count for the present one. */
  private attempt = 0;
  private stopped: (() => void) | null = null;

  constructor(private readonly options: RegistererOptions) {
    const { identity, random } = options;
    this.callId = createCallId(random, identity.local.address);
    this.fromTag = `${random.token()}${identity.tagSuffix}`;
  }

  start(): void {
    this.take({ type: 'start' });
  }

  registerNow(): void {
    this.take({ type: 'try-now' });
  }

  /** Unregisters; resolves when the PBX has answered, after two seconds at the latest. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.stopped = resolve;
      this.take({ type: 'stop' });
      if (this.state.name === 'stopped') resolve();
    });
  }

  private take(event: RegistrationEvent): void {
    const { state, effects } = stepRegistration(this.state, event, this.options.random.fraction);
    this.state = state;
    for (const effect of effects) this.perform(effect);
    if (state.name === 'stopped') this.stopped?.();
  }

  private perform(effect: RegistrationEffect): void {
    switch (effect.type) {
      case 'register':
        void this.register(effect.expires);
        return;
      case 'start-timer':
        this.stopTimer(effect.timer);
        this.timers.set(
          effect.timer,
          setTimeout(() => this.take({ type: 'timer', timer: effect.timer }), effect.ms),
        );
        return;
      case 'stop-timer':
        this.stopTimer(effect.timer);
        return;
      case 'tell':
        this.options.tell({ type: effect.state });
        return;
      case 'tell-registered':
        this.options.tell({ type: 'registered', fresh: effect.fresh });
        return;
      case 'tell-failed':
        this.options.tell({ type: 'register-failed', reason: this.inDetail(effect.reason) });
    }
  }

  private stopTimer(timer: RegistrationTimer): void {
    clearTimeout(this.timers.get(timer));
    this.timers.delete(timer);
  }

  private inDetail(reason: Reason): Reason {
    const { userId, registeredUser, pbx } = this.options.identity;
    const params = { user: userId, extension: registeredUser, address: pbx.host, port: pbx.port };
    return { code: reason.code, params: { ...params, ...reason.params } };
  }

  private async register(expires: number): Promise<void> {
    this.attempt += 1;
    const { attempt } = this;
    const current = (event: RegistrationEvent): void => {
      if (attempt === this.attempt) this.take(event);
    };
    let to: UdpAddress;
    try {
      to = await this.options.resolve();
    } catch (error) {
      this.options.log.warn({ error }, 'PBX address not resolved');
      current({ type: 'address-unknown' });
      return;
    }
    if (attempt !== this.attempt) return;
    this.options.endpoint.request(this.request(expires), to, {
      onResponse: (response) => {
        if (response.status >= 200) current(this.read(response));
      },
      onTimeout: () => current({ type: 'unreachable' }),
    });
  }

  /** Header for header as captures 01 and 02. */
  private request(expires: number): SipMessage {
    const { identity, random, userAgent } = this.options;
    this.cseq += 1;
    const uri = pbxUri(identity, null);
    const { address, port } = identity.local;
    const headers: Header[] = [
      { name: 'Via', value: `SIP/2.0/UDP ${writeHostPort(address, port)};branch=${createBranch(random)}` },
      { name: 'From', value: `${fromHeader(identity)};tag=${this.fromTag}` },
      { name: 'To', value: registeredHeader(identity) },
      { name: 'Call-ID', value: this.callId },
      { name: 'CSeq', value: `${this.cseq} REGISTER` },
      { name: 'Max-Forwards', value: '70' },
      ...this.authorization(uri),
      { name: 'Contact', value: `${contactHeader(identity)};expires=${expires}` },
      { name: 'User-Agent', value: userAgent },
      { name: 'P-Station-Name', value: identity.stationName },
      { name: 'Content-Length', value: '0' },
      allowHeader,
      { name: 'Allow-Events', value: 'dialog' },
    ];
    return createRequest('REGISTER', uri, headers);
  }

  /** The last challenge is answered unasked: most PBXs take a nonce for a while, and a refresh is one round trip. */
  private authorization(uri: string): Header[] {
    if (!this.challenge) return [];
    const value = this.options.digest.answer(this.challenge.challenge, 'REGISTER', uri);
    return [{ name: this.challenge.header, value }];
  }

  private read(response: SipMessage): RegistrationEvent {
    const { status, phrase } = response;
    if (status < 300) return { type: 'accepted', granted: this.granted(response) };
    if (status === 401 || status === 407) {
      const challenge = findChallenge(response);
      if (challenge) this.challenge = { header: credentialsHeaderName(response), challenge };
      return { type: 'challenged', answerable: challenge !== null, stale: challenge?.stale === true };
    }
    return {
      type: 'refused',
      status,
      phrase,
      retryAfter: seconds(header(response, 'Retry-After')),
      minExpires: seconds(header(response, 'Min-Expires')),
    };
  }

  /** Seconds of our own binding: a shared extension's answer lists those of colleagues too. */
  private granted(response: SipMessage): number {
    const own = headerValues(response, 'Contact')
      .map(readNameAddr)
      .find((contact) => contact && this.isOwn(contact.uri));
    const asked = this.state.name === 'registering' ? this.state.expires : 0;
    return seconds(own?.params.get('expires')) ?? seconds(header(response, 'Expires')) ?? asked;
  }

  private isOwn(uri: string): boolean {
    const theirs = readSipUri(uri);
    const ours = readSipUri(contactUri(this.options.identity));
    return (
      theirs !== null &&
      theirs.user === ours?.user &&
      theirs.host === ours.host &&
      (theirs.port ?? 5060) === ours.port
    );
  }
}

const seconds = (text: string | null | undefined): number | null => {
  const [digits] = /^\d{1,9}/.exec(text ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
};
