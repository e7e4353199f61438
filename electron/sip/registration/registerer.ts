import type { Reason } from '../../contract/reasons.ts';
import type { Log } from '../../phone/ports.ts';
import { header, type SipMessage } from '../message/message.ts';
import { readSeconds } from '../message/message-fields.ts';
import { Authorization } from '../pbx/authorization.ts';
import type { DigestSession } from '../pbx/digest.ts';
import { type Identity, pbxUri } from '../pbx/identity.ts';
import type { PbxAddress } from '../pbx/pbx-address.ts';
import { createCallId, type Random } from '../random.ts';
import type { Endpoint } from '../transactions/retransmission.ts';
import { reasonOfTls } from '../transport/tls-trust.ts';
import { type Peer, peerKey } from '../transport/transport.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';
import { Redirection } from './redirection.ts';
import { ownBinding, type RegisterFields, registerRequest } from './register-request.ts';
import {
  type Registration,
  type RegistrationEffect,
  type RegistrationEvent,
  type RegistrationTimer,
  stepRegistration,
  unregistered,
  wantedExpires,
} from './registration.ts';

export type RegistrationNews =
  | { readonly type: 'registering' | 'unregistered' }
  | { readonly type: 'registered'; readonly fresh: boolean }
  | { readonly type: 'register-failed'; readonly reason: Reason };

export interface RegistererOptions {
  readonly identity: Identity;
  readonly endpoint: Endpoint;
  readonly digest: DigestSession;
  readonly pbx: PbxAddress;
  /**
   * Sends a request to the PBX, or to `at`, as it is; null after `ms` milliseconds without a final response, or when it
   * is withdrawn.
   */
  ask(
    request: SipMessage,
    ms: number,
    at: Peer | undefined,
    withdrawn: AbortSignal,
  ): Promise<SipMessage | null>;
  tell(news: RegistrationNews): void;
  /** What was registered as our Contact is wrong: an address translator has given us another one. */
  displaced(): void;
  readonly userAgent: string;
  readonly random: Random;
  readonly log: Log;
}

/** What registering once more has shown; `there`: nothing, but the PBX has answered. */
export type BindingAnswer = 'forgotten' | 'there' | 'silent';

/** A PBX that has refused a nonce it had just taken, twice in a row, never takes one twice. */
const mostFalseAlarms = 2;

/** Keeps one extension registered: carries out what registration.ts decides. */
export class Registerer {
  private state: Registration = unregistered;
  private readonly timers = new Map<RegistrationTimer, NodeJS.Timeout>();
  private readonly callId: string;
  private readonly fromTag: string;
  private cseq = 0;
  private readonly authorization: Authorization;
  private readonly redirection: Redirection;
  /** Answers to an earlier attempt do not count for the present one. */
  private attempt = 0;
  /** The PBX may hold a binding of ours. */
  private bound = false;
  /** Where we were when we last registered, if no longer: colleagues' calls must not ring there. */
  private leaving: UdpAddress | null = null;
  private askedAt: Peer | null = null;
  private giveUp: () => void = () => {};
  /** The one that is under way (askBinding). */
  private question = new AbortController();
  private falseAlarms = 0;
  private stopped: (() => void) | null = null;

  constructor(private readonly options: RegistererOptions) {
    const { identity, random } = options;
    this.authorization = new Authorization(options.digest);
    this.redirection = new Redirection(options.pbx);
    this.callId = createCallId(random, identity.local.address);
    this.fromTag = `${random.token()}${identity.tagSuffix}`;
  }

  start(): void {
    this.take({ type: 'start' });
  }

  registerNow(): void {
    this.take({ type: 'try-now' });
  }

  /** The PBX does not know our binding any more. */
  forgotten(): void {
    this.take({ type: 'forgotten' });
  }

  /** Our address has changed, or we have slept: registers anew, and takes back the Contact we had at `left`. */
  renew(left: UdpAddress | null): void {
    if (left && this.bound) this.leaving = left;
    this.take({ type: 'renew' });
  }

  /** The PBX does not answer any more. */
  silent(): void {
    this.take({ type: 'silent' });
  }

  /** The PBX has answered somebody: whoever found it silent tries again. */
  reachable(): void {
    this.take({ type: 'reachable' });
  }

  /** The PBX may have been started anew; and what it knows us by may be our end of the connection that is lost. */
  disconnected(peer: Peer): void {
    if (this.askedAt && peerKey(this.askedAt) === peerKey(peer)) this.forgotten();
  }

  get isRegistered(): boolean {
    return this.state.name === 'registered';
  }

  /**
   * Registers once more, to see what the PBX makes of it; `silent` after `ms` milliseconds without any answer. That
   * mends a lost binding by itself. A REGISTER without Contact, or OPTIONS, would ask more politely, but a simple
   * registrar answers neither: this one it must.
   */
  async askBinding(ms: number): Promise<BindingAnswer> {
    const { attempt } = this;
    const answer = await this.registerAgain(ms);
    // Meanwhile it was registered anew: what the answer says is old.
    if (attempt !== this.attempt) return 'there';
    if (answer === null) return 'silent';
    const left = this.learn(answer);
    if (left) {
      this.displaced(left);
      return 'there';
    }
    if (answer.status === 401 || answer.status === 407) return this.challengedAgain(answer, ms);
    if (answer.status < 300) this.falseAlarms = 0;
    return 'there';
  }

  private registerAgain(ms: number): Promise<SipMessage | null> {
    const expires = this.state.name === 'registered' ? this.state.expires : wantedExpires;
    this.question = new AbortController();
    const to = this.redirection.target?.address;
    return this.options.ask(registerRequest(this.fields(), expires), ms, to, this.question.signal);
  }

  /**
   * A PBX that does not know the nonce it took a moment ago has begun anew, without our bindings; unless the nonce has
   * only grown old, or it never takes one twice.
   */
  private async challengedAgain(answer: SipMessage, ms: number): Promise<BindingAnswer> {
    const { stale } = this.authorization.take(answer);
    this.falseAlarms += 1;
    if (!stale && this.falseAlarms <= mostFalseAlarms) return 'forgotten';
    await this.registerAgain(ms);
    return 'there';
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
          setTimeout(() => this.timeUp(effect.timer), effect.ms),
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

  private timeUp(timer: RegistrationTimer): void {
    const elsewhere = timer === 'quiet' ? this.elsewhere() : null;
    this.take(elsewhere ?? { type: 'timer', timer });
  }

  private inDetail(reason: Reason): Reason {
    const { userId, registeredUser, pbx } = this.options.identity;
    const params = { user: userId, extension: registeredUser, address: pbx.host, port: pbx.port ?? 5060 };
    return { code: reason.code, params: { ...params, ...reason.params } };
  }

  private async register(expires: number): Promise<void> {
    this.attempt += 1;
    if (this.state.name === 'registering' && this.state.challenges === 0) this.authorization.begin();
    // An older REGISTER that is still repeated would come out of order. No registrar notices when it names a Contact
    // that this one takes back: what is not bound has no CSeq to compare with (RFC 3261, 10.3, step 7).
    this.giveUp();
    this.question.abort();
    const { attempt } = this;
    const current = (event: RegistrationEvent): void => {
      if (attempt === this.attempt) this.take(event);
    };
    let to: Peer;
    try {
      to = this.redirection.target?.address ?? (await this.options.pbx.resolve());
    } catch (error) {
      this.options.log.warn({ error }, 'PBX address not resolved');
      current({ type: 'address-unknown' });
      return;
    }
    if (attempt !== this.attempt) return;
    this.askedAt = to;
    this.giveUp = this.options.endpoint.request(registerRequest(this.fields(), expires), to, {
      onResponse: (response) => {
        const left = this.learn(response);
        if (response.status >= 300 && response.status < 400) void this.follow(response, current);
        else if (response.status >= 200) current(this.read(response));
        if (left && response.status < 300 && this.isRegistered) this.displaced(left);
      },
      onTimeout: (error) =>
        current(this.elsewhere() ?? { type: 'unreachable', reason: error ? reasonOfTls(error) : null }),
    });
  }

  /** RFC 3261, 8.1.3.4. */
  private async follow(response: SipMessage, current: (event: RegistrationEvent) => void): Promise<void> {
    const followed = await this.redirection.follow(response);
    current(followed ? { type: 'elsewhere' } : this.refused(response));
  }

  /** An address that does not serve is left for the next one, if there is any (RFC 3263, 4.3). */
  private elsewhere(): RegistrationEvent | null {
    if (!this.askedAt) return null;
    // Who was sent somewhere and finds nobody there begins again at the PBX.
    if (this.redirection.forget()) return { type: 'elsewhere' };
    return this.options.pbx.failOver(this.askedAt) ? { type: 'elsewhere' } : null;
  }

  /** The Contact that we had, if the answer says that the PBX sees us elsewhere; else null. */
  private learn(response: SipMessage): UdpAddress | null {
    const { place } = this.options.identity;
    const before = place?.contact ?? null;
    if (!place?.learn(response)) return null;
    this.options.log.info({ before, now: place.contact }, 'the PBX sees us elsewhere');
    // A challenge is answered with the new Contact.
    if (this.bound) this.leaving = before;
    return before;
  }

  /** What is bound is a Contact where nobody is. */
  private displaced(from: UdpAddress): void {
    this.leaving = from;
    this.options.displaced();
  }

  private fields(): RegisterFields {
    const { identity, random, userAgent } = this.options;
    this.cseq += 1;
    const { callId, fromTag, cseq, leaving } = this;
    const uri = this.redirection.target?.uri ?? pbxUri(identity, null);
    const credentials = this.authorization.headers('REGISTER', uri);
    return { identity, uri, callId, fromTag, cseq, credentials, leaving, userAgent, random };
  }

  private read(response: SipMessage): RegistrationEvent {
    const { status } = response;
    if (status < 300) {
      this.redirection.arrived();
      this.bound = true;
      this.leaving = null;
      return { type: 'accepted', granted: this.granted(response) };
    }
    if (status === 401 || status === 407) {
      return { type: 'challenged', ...this.authorization.take(response) };
    }
    return (status === 503 ? this.elsewhere() : null) ?? this.refused(response);
  }

  private refused(response: SipMessage): RegistrationEvent {
    const { status, phrase } = response;
    return {
      type: 'refused',
      status,
      phrase,
      retryAfter: readSeconds(header(response, 'Retry-After')),
      minExpires: readSeconds(header(response, 'Min-Expires')),
    };
  }

  /** Seconds of our own binding. */
  private granted(response: SipMessage): number {
    const own = ownBinding(response, this.options.identity);
    const asked = this.state.name === 'registering' ? this.state.expires : 0;
    return readSeconds(own?.params.get('expires')) ?? readSeconds(header(response, 'Expires')) ?? asked;
  }
}
