import type { Dialect } from '../contract/profile.ts';
import { reason } from '../contract/reasons.ts';
import type { SipEffect } from '../phone/effects.ts';
import type { SipEvent } from '../phone/events.ts';
import type { Negotiator } from '../phone/negotiation.ts';
import type { Log, SipEventSink } from '../phone/ports.ts';
import { Calls } from './calls/calls.ts';
import { forColleagueCall } from './calls/colleague-call.ts';
import type { Guests } from './calls/guests.ts';
import type { StationDialogs } from './calls/station-dialogs.ts';
import { createResponse, header, type SipMessage } from './message/message.ts';
import { readSipUri, tagOf } from './message/message-fields.ts';
import { AuthorizedRequests } from './pbx/authorized-requests.ts';
import { DigestSession } from './pbx/digest.ts';
import { allow, allowHeader, type Identity, supported } from './pbx/identity.ts';
import type { PbxAddress } from './pbx/pbx-address.ts';
import { PbxRequests } from './pbx/pbx-request.ts';
import { forStrictRouter, nextHop } from './pbx/routing.ts';
import type { Random } from './random.ts';
import { Registerer, type RegistrationNews } from './registration/registerer.ts';
import {
  type Answer,
  type DialectContext,
  eventOf,
  type InviteShape,
  type SharedLineDialect,
} from './shared-line/dialect.ts';
import { createDialect } from './shared-line/dialects.ts';
import { inviteToFarEnd } from './shared-line/far-end.ts';
import { createSipJs, type SipJs } from './sipjs/sipjs.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';
import { watchExtensions } from './subscriptions/watched-extensions.ts';
import type { Endpoint } from './transactions/retransmission.ts';
import type { Peer } from './transport/transport.ts';
import type { UdpAddress } from './transport/udp-socket.ts';

export interface ExtensionOptions {
  /** 1-based. */
  readonly index: number;
  readonly identity: Identity;
  readonly endpoint: Endpoint;
  readonly pbx: PbxAddress;
  readonly dialect: Dialect;
  /** Whether others may join calls of this extension. */
  readonly bargeIn: boolean;
  /** Of the whole station. */
  readonly dialogs: StationDialogs<Calls>;
  readonly guests: Guests | null;
  /** Extensions that this one watches. */
  readonly watched: readonly string[];
  readonly negotiator: Negotiator;
  /** In seconds; 0: none of our own. */
  readonly sessionTimer: number;
  readonly tell: SipEventSink;
  readonly userAgent: string;
  readonly random: Random;
  readonly log: Log;
}

/** One extension on the air: its registration, its shared line and its calls, all over its own port. */
export class Extension {
  readonly calls: Calls;
  readonly registerer: Registerer;
  private readonly line: SharedLineDialect;
  private readonly requests: PbxRequests;
  private readonly subscriptions: Subscriptions;
  private readonly sipjs: SipJs;
  /** Users that the PBX has named as stations on this line. */
  private readonly sharers = new Set<string>();

  constructor(private readonly options: ExtensionOptions) {
    const { index, identity, endpoint, pbx, userAgent, random, log, tell } = options;
    const digest = new DigestSession({ user: identity.authId, password: identity.password }, random.token);
    this.calls = new Calls({
      ...options,
      extension: index,
      line: {
        appearanceOf: (invite) => this.line.appearanceOf(invite),
        isSharer: (number) => number === identity.registeredUser || this.sharers.has(number),
      },
    });
    this.registerer = new Registerer({
      identity,
      endpoint,
      digest,
      userAgent,
      random,
      log,
      pbx,
      ask: (request, ms, at, withdrawn) => this.requests.askOnce(request, ms, at, withdrawn),
      tell: (news) => this.registration(news),
      displaced: () => this.renew(null),
    });
    this.requests = new PbxRequests({ endpoint, pbx, digest, random });
    const authorized = new AuthorizedRequests(digest, (request, ms) => this.askOnce(request, ms));
    const askAuthorized: DialectContext['askAuthorized'] = (make, ms) => authorized.ask(make, ms);
    this.subscriptions = new Subscriptions({ identity, ask: askAuthorized, random, log });
    const subscribe: DialectContext['subscribe'] = (spec) => this.subscriptions.open(spec);
    this.line = createDialect(options.dialect, {
      extension: index,
      identity,
      random,
      log,
      tell: (event: SipEvent) => this.lineTold(event),
      ask: (request, ms) => this.requests.ask(request, ms),
      askAuthorized,
      subscribe,
      unsubscribe: (subscriber) => void this.subscriptions.end(subscriber),
      abandon: (subscriber) => this.subscriptions.abandon(subscriber),
    });
    watchExtensions({ extension: index, users: options.watched, subscribe, tell, log });
    this.sipjs = createSipJs({
      identity,
      digest,
      userAgent,
      log,
      send: (message) => this.send(message),
      delegate: {
        onInvite: (request) => this.calls.receive(request),
        onMessage: (request) => request.reject({ statusCode: 405, extraHeaders: [`Allow: ${allow}`] }),
      },
    });
  }

  register(): void {
    this.registerer.start();
  }

  /** Our address has changed from `left` to what the endpoint says now; null: it has not, but we have slept. */
  renew(left: UdpAddress | null): void {
    this.registerer.renew(left);
    this.calls.renew(left !== null);
  }

  /** The connection to that peer is lost. */
  disconnected(peer: Peer): void {
    this.registerer.disconnected(peer);
  }

  /** Takes back all that the PBX keeps for us; resolves after two seconds at the latest. */
  async unregister(): Promise<void> {
    await Promise.all([this.subscriptions.close(), this.registerer.stop()]);
  }

  perform(effect: SipEffect): void {
    switch (effect.type) {
      case 'announce':
        this.line.announce();
        return;
      case 'seize':
        this.line.seize(effect.call, effect.appearance, effect.dialog);
        return;
      case 'publish':
        this.line.publish(effect.appearance, effect.dialog);
        return;
      case 'invite':
        this.invite(effect);
        return;
      case 'pick-up':
      case 'barge-in':
        this.inviteForColleague(effect);
        return;
      case 'follow':
        this.follow(effect);
        return;
      case 'consider-referral':
        this.calls.considerReferral(effect.referral);
        return;
      case 'refuse-referral':
        this.calls.refuseReferral(effect.referral, effect.status);
        return;
      case 'register-now':
        this.registerer.registerNow();
        return;
      default:
        this.calls.perform(effect);
    }
  }

  private invite({ call, number, appearance }: Extract<SipEffect, { type: 'invite' }>): void {
    const headers = typeof appearance === 'number' ? this.line.inviteHeaders(appearance) : [];
    this.calls.invite(call, { to: { user: number }, headers }, 'call', this.sipjs);
  }

  private follow({ call, referral, appearance }: Extract<SipEffect, { type: 'follow' }>): void {
    const headers = typeof appearance === 'number' ? this.line.inviteHeaders(appearance) : [];
    this.calls.follow(call, referral, headers, this.sipjs);
  }

  private inviteForColleague(effect: Extract<SipEffect, { type: 'pick-up' | 'barge-in' }>): void {
    const { type, call } = effect;
    const shape = this.shapeFor(effect);
    if (shape) {
      this.calls.invite(call, forColleagueCall(shape), type, this.sipjs);
      return;
    }
    const code = type === 'pick-up' ? 'cannot-pick-up' : 'cannot-barge-in';
    this.options.tell({ type: 'ended', call, reason: reason(code) });
  }

  private shapeFor(effect: Extract<SipEffect, { type: 'pick-up' | 'barge-in' }>): InviteShape | null {
    const { type, dialog, appearance } = effect;
    if (appearance === null) return inviteToFarEnd('Replaces', dialog);
    return type === 'pick-up' ? this.line.pickUp(appearance, dialog) : this.line.bargeIn(appearance, dialog);
  }

  private lineTold(event: SipEvent): void {
    if (event.type === 'appearances') {
      for (const { dialog } of event.dialogs) if (dialog.local) this.sharers.add(dialog.local.number);
    }
    this.options.tell(event);
  }

  /** What the endpoint could not place itself. Frequent and simple requests never reach sip.js's slow grammar. */
  receive(message: SipMessage): void {
    const answer = message.kind === 'request' ? this.fastAnswer(message) : null;
    if (answer) this.respond(message, answer);
    else this.handOver(message);
  }

  async close(): Promise<void> {
    this.line.close();
    this.requests.close();
    this.sipjs.close();
    await this.options.endpoint.close();
  }

  /** What sip.js's grammar chokes on is answered, so that the peer does not repeat it for half a minute. */
  private handOver(message: SipMessage): void {
    let read = false;
    try {
      read = this.sipjs.receive(message);
    } catch (error) {
      this.options.log.error({ error, method: message.method }, 'sip.js failed on a message');
    }
    if (read) return;
    this.options.log.warn({ method: message.method, status: message.status }, 'SIP message not understood');
    if (message.kind === 'request' && message.method !== 'ACK') {
      this.respond(message, { status: 400, phrase: 'Bad Request' });
    }
  }

  private fastAnswer(request: SipMessage): Answer | null {
    const inDialog = tagOf(header(request, 'To')) !== null;
    if (request.method !== 'INVITE' && namesDialog(request)) return { status: 400, phrase: 'Bad Request' };
    switch (request.method) {
      case 'NOTIFY':
        return inDialog && eventOf(request) === 'refer' ? null : this.notified(request);
      case 'OPTIONS':
        return inDialog ? null : { status: 200, phrase: 'OK' };
      case 'SUBSCRIBE':
        return this.line.receive(request) ?? { status: 489, phrase: 'Bad Event' };
      case 'REFER':
        return inDialog ? null : { status: 603, phrase: 'Decline' };
      case 'INVITE':
        return inDialog || this.isForUs(request) ? null : { status: 404, phrase: 'Not Found' };
      default:
        return null;
    }
  }

  /** message-summary, keep-alive, check-sync, ...: the PBX must not repeat them, whatever we make of them. */
  private notified(request: SipMessage): Answer {
    return this.subscriptions.receive(request) ?? this.line.receive(request) ?? { status: 200, phrase: 'OK' };
  }

  /** The PBX calls the Contact's user; some gear names the station's own user, or none. */
  private isForUs({ uri }: SipMessage): boolean {
    const user = readSipUri(uri)?.user ?? null;
    const { registeredUser, userId } = this.options.identity;
    return user === null || user === registeredUser || user === userId;
  }

  private respond(request: SipMessage, { status, phrase, headers = [], toTag }: Answer): void {
    const extra = request.method === 'OPTIONS' ? [{ name: 'Accept', value: 'application/sdp' }] : [];
    const capabilities = [
      allowHeader,
      { name: 'Allow-Events', value: 'dialog' },
      { name: 'Supported', value: supported },
      ...extra,
    ];
    const told = request.method === 'NOTIFY' ? headers : [...headers, ...capabilities];
    this.options.endpoint.respond(
      createResponse(request, status, phrase, { toTag: toTag ?? this.options.random.token(), headers: told }),
    );
  }

  /** Subscriptions live as long as the registration; the core hears of it first, to forget what it knew. */
  private registration(news: RegistrationNews): void {
    this.options.tell({ ...news, extension: this.options.index });
    if (news.type === 'registered' && news.fresh) this.subscriptions.begin();
    if (news.type === 'register-failed' || news.type === 'unregistered') this.subscriptions.lose();
  }

  /** In whatever dialog it is. */
  private async askOnce(request: SipMessage, ms: number): Promise<SipMessage | null> {
    try {
      const to = this.destinationNow(request) ?? (await this.destinationLater(request));
      return await this.requests.askOnce(forStrictRouter(request), ms, to);
    } catch (error) {
      this.options.log.warn({ error, uri: request.uri }, 'next hop not found');
      return null;
    }
  }

  private async send(message: SipMessage): Promise<void> {
    if (message.kind === 'response') {
      this.options.endpoint.respond(message);
      return;
    }
    const to = this.destinationNow(message) ?? (await this.destinationLater(message));
    this.options.endpoint.request(forStrictRouter(message), to);
  }

  /**
   * What begins a dialog is the PBX's to route, whomever it names: a far end takes no calls from others' phones either.
   * A far end whose Contact or Record-Route cannot be read is reached through the PBX, or not at all.
   */
  private destinationNow(message: SipMessage): Peer | null {
    const { pbx } = this.options;
    if (tagOf(header(message, 'To')) === null && pbx.last) return pbx.last;
    const hop = nextHop(message, pbx.transport);
    return hop ? pbx.reach(hop, header(message, 'Route') !== undefined) : pbx.last;
  }

  private destinationLater(message: SipMessage): Promise<Peer> {
    const { pbx } = this.options;
    const hop = nextHop(message, pbx.transport);
    return hop ? pbx.find(hop) : pbx.resolve();
  }
}

/** Replaces and Join mean something in an INVITE only (RFC 3891, 3; RFC 3911, 4). */
const namesDialog = ({ method, headers }: SipMessage): boolean =>
  method !== 'ACK' &&
  method !== 'CANCEL' &&
  headers.some(({ name }) => name === 'Replaces' || name === 'Join');
