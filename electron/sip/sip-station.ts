import type { Profile } from '../contract/profile.ts';
import { type Reason, type ReasonCode, reason } from '../contract/reasons.ts';
import type { SipEffect } from '../phone/effects.ts';
import type { SipEvent } from '../phone/events.ts';
import type { Negotiator } from '../phone/negotiation.ts';
import type { Log, SipEventSink, SipPort } from '../phone/ports.ts';
import { Guests, type Mixer } from './calls/guests.ts';
import { StationDialogs } from './calls/station-dialogs.ts';
import { Extension } from './extension.ts';
import { readHostPort } from './message/message-fields.ts';
import { resolveHost } from './pbx/dns.ts';
import { createIdentity, withoutBrackets } from './pbx/identity.ts';
import { NetworkWatch } from './pbx/network-watch.ts';
import { addressOfInterface, anyOwnAddress, localAddressTowards, PbxAddress } from './pbx/pbx-address.ts';
import { Place } from './pbx/place.ts';
import { cryptoRandom, type Random } from './random.ts';
import { BindingWatch } from './registration/binding-watch.ts';
import type { Registerer } from './registration/registerer.ts';
import { SipTrace } from './trace/trace.ts';
import { createEndpoint, type Endpoint } from './transactions/retransmission.ts';
import type { Limits, Trust } from './transport/rate-limit.ts';
import type { StreamsOptions } from './transport/streams.ts';
import { type Authorities, trustedAuthorities } from './transport/tls-trust.ts';
import { defaultPort, isConnected, type Peer } from './transport/transport.ts';
import { bindTransports, type Transports } from './transport/transports.ts';
import { type BindUdpSocket, bindUdpSocket, type UdpAddress } from './transport/udp-socket.ts';

export interface SipStationOptions {
  readonly profile: Profile;
  readonly negotiator: Negotiator;
  /** What lets others join a call; nobody can when absent. */
  readonly mixer?: Mixer;
  readonly onEvent: SipEventSink;
  readonly log: Log;
  /** Goes into User-Agent: `Partyline/<version>`. */
  readonly version: string;
  readonly random?: Random;
  /** A network that has UDP alone; the real one, with TCP and TLS, when absent. */
  readonly bind?: BindUdpSocket;
  /** How much the PBX and others may send; what suits an office when absent. */
  readonly limits?: Limits;
}

/** An extension on the air, and the sockets under its feet. */
interface OnAir {
  readonly extension: Extension;
  readonly transports: Transports;
  readonly place: Place;
  /** The UDP port that the profile asks for. */
  readonly wanted: number;
}

interface Bound {
  readonly endpoint: Endpoint;
  readonly transports: Transports;
}

/** How far above the wanted port the next free one is looked for. */
const portsToTry = 100;
/** Milliseconds between two attempts to get a port for an extension that has none. */
const timeBetweenTries = 5_000;
const partingTime = 500;
const keepAliveInterval = 20_000;
const doubleLineEnd = Buffer.from('\r\n\r\n');

export interface SipStation extends SipPort {
  /** The last messages of all extensions, credentials removed. */
  readonly trace: SipTrace;
}

/** The station's SIP side: one extension after the other on its own port. */
export function createSipStation(options: SipStationOptions): SipStation {
  const { profile, log, onEvent } = options;
  const random = options.random ?? cryptoRandom;
  const pbx = pbxOf(profile);
  const onAir = new Map<number, OnAir>();
  const dialogs = new StationDialogs(() => extensions().map(({ calls }) => calls));
  const guests = options.mixer ? new Guests(options.mixer, onEvent) : null;
  let bindings: BindingWatch | null = null;
  let network: NetworkWatch | null = null;
  /** We have slept, and there has been no way to the PBX since. */
  let slept = false;
  let keepAlive: NodeJS.Timeout | null = null;
  /** Going to another address happens one step after the other. */
  let moving: Promise<void> = Promise.resolve();
  /** Why extensions have no port, as last told. */
  const unbound = new Map<number, ReasonCode>();
  let again: NodeJS.Timeout | null = null;
  /** As far as the last attempt to bind a port of it has shown. */
  let addressIsOurs = true;
  const trace = new SipTrace();
  const transport = profile.pbx.transport ?? 'udp';
  let authorities: Authorities;

  async function start(): Promise<void> {
    if (!(await readAuthorities())) return;
    await pbx.resolve().catch((error: unknown) => log.warn({ error }, 'PBX address not resolved yet'));
    const address = await route().catch(() => null);
    if (address === null && profile.station.interface !== undefined)
      failAll(addressMissing(profile.station.interface));
    else await putOnAir(address ?? anyOwnAddress());
    bindings = watchBindings();
    network = new NetworkWatch({ route, changed: (to) => void settle(to), woken }, address);
    keepAlive = setInterval(keepAwake, keepAliveInterval);
  }

  /** False, and told: whom to trust cannot be read, so that nobody can be. */
  async function readAuthorities(): Promise<boolean> {
    try {
      authorities = await trustedAuthorities(profile.pbx.certificateAuthority);
      return true;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      log.error({ error }, 'the certificate authority cannot be read');
      failAll(reason('certificate-authority-unreadable', { detail }));
      return false;
    }
  }

  function failAll(why: Reason): void {
    for (const position of profile.extensions.keys()) {
      onEvent({ type: 'register-failed', extension: position + 1, reason: why });
    }
  }

  /** The address to send from; null: no way to the PBX. */
  async function route(): Promise<string | null> {
    const { interface: chosen, localAddress: configured } = profile.station;
    if (chosen !== undefined) return addressOfInterface(chosen, pbx.last);
    if (configured !== undefined) return (await resolveHost(withoutBrackets(configured)))[0] ?? null;
    return pbx.last ? localAddressTowards(pbx.last) : anyOwnAddress();
  }

  /** Binds and registers whoever is not on the air yet. */
  async function putOnAir(address: string): Promise<void> {
    const missing = profile.extensions
      .map(({ localPort }, position) => ({ index: position + 1, localPort }))
      .filter(({ index }) => !onAir.has(index));
    // Whoever has its own port free keeps it; only then do the others look for another one.
    const bound = new Map<number, Bound>();
    for (const { index, localPort } of missing) {
      const at = await tryToBind(index, { address, port: localPort });
      if (at) bound.set(index, at);
    }
    for (const { index, localPort } of missing) {
      const at = bound.get(index) ?? (await bindNext(index, address, localPort + 1));
      if (at) register(index, at, localPort);
      else failToBind(index, address, localPort);
    }
    if (onAir.size < profile.extensions.length) tryAgainLater();
  }

  /** An address may come with its network, a port may become free: nobody tells. */
  function tryAgainLater(): void {
    if (again) clearTimeout(again);
    again = setTimeout(() => {
      moving = moving.then(async () => {
        const address = await route().catch(() => null);
        if (!network) return;
        if (address === null) tryAgainLater();
        else await putOnAir(address);
      });
    }, timeBetweenTries);
  }

  async function tryToBind(index: number, local: UdpAddress): Promise<Bound | null> {
    try {
      return await bindAt(index, local);
    } catch (error) {
      addressIsOurs = !(error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL');
      return null;
    }
  }

  async function bindAt(index: number, local: UdpAddress): Promise<Bound> {
    let transports: Transports | null = null;
    const endpoint = await createEndpoint({
      local,
      log,
      onMessage: (message) => onAir.get(index)?.extension.receive(message),
      onLost: (peer) => onAir.get(index)?.extension.disconnected(peer),
      trust: trustOf,
      ...(options.limits && { limits: options.limits }),
      bind: async (at, listener) => {
        const udp = options.bind ?? bindUdpSocket;
        transports = await bindTransports({ udp, streams: options.bind ? null : streams() }, at, listener);
        return transports;
      },
      tap: (traced) => trace.record(traced, index),
    });
    if (!transports) throw new Error('an endpoint without transports');
    return { endpoint, transports };
  }

  function streams(): StreamsOptions {
    return {
      listens: transport !== 'tls',
      // Strangers could take all the places that the PBX needs.
      admits: (address) => pbx.has(address) || isPeer(address),
      nameOf: ({ address }) => (pbx.has(address) ? pbx.name : address),
      authorities,
    };
  }

  async function bindNext(index: number, address: string, from: number): Promise<Bound | null> {
    for (let port = from; port < Math.min(from + portsToTry, 65_536); port += 1) {
      const taken = profile.extensions.some(({ localPort }) => localPort === port);
      const bound = taken ? null : await tryToBind(index, { address, port });
      if (bound || !addressIsOurs) return bound;
    }
    return null;
  }

  function failToBind(extension: number, address: string, port: number): void {
    const why = addressIsOurs ? reason('no-free-port', { address, port }) : addressMissing(address);
    if (unbound.get(extension) === why.code) return;
    unbound.set(extension, why.code);
    log.error({ extension, address, port, why: why.code }, 'no UDP port could be bound');
    onEvent({ type: 'register-failed', extension, reason: why });
  }

  function trustOf({ address, transport: over }: Peer): Trust {
    // Whoever wants TLS takes nothing that anybody could have forged.
    if (transport === 'tls' && over !== 'tls') return 'none';
    if (!pbx.has(address)) return profile.pbx.acceptFromAnyone || isPeer(address) ? 'little' : 'none';
    bindings?.heard();
    return 'full';
  }

  const extensions = (): Extension[] => [...onAir.values()].map(({ extension }) => extension);
  const registerers = (): Registerer[] => extensions().map(({ registerer }) => registerer);
  const isPeer = (address: string): boolean =>
    extensions().some(({ calls }) => calls.hasPeer(address)) || guests?.hasPeer(address) === true;

  function register(index: number, { endpoint, transports }: Bound, wanted: number): void {
    const place = new Place({
      local: () => endpoint.local,
      pbx: () => pbx.last,
      // The PBX reaches us through the connection that we have opened, so our end of it is our Contact.
      nat: transport === 'udp' ? (profile.pbx.nat ?? null) : true,
    });
    const identity = createIdentity(profile, index - 1, place);
    if (!identity) return;
    const extension = new Extension({
      index,
      identity,
      endpoint,
      pbx,
      dialect: profile.pbx.dialect,
      bargeIn: profile.extensions[index - 1]?.bargeIn === true,
      dialogs,
      guests,
      watched: profile.lineKeys.flatMap((key) =>
        'watch' in key && key.extension === index ? [key.watch] : [],
      ),
      negotiator: options.negotiator,
      sessionTimer: profile.calls.sessionTimer,
      tell,
      userAgent: `Partyline/${options.version}`,
      random,
      log,
    });
    onAir.set(index, { extension, transports, place, wanted });
    onEvent({ type: 'bound', extension: index, port: endpoint.local.port, wanted });
    extension.register();
  }

  function tell(event: SipEvent): void {
    onEvent(event);
    if (event.type !== 'registered' || !event.fresh) return;
    for (const registerer of registerers()) registerer.reachable();
  }

  function watchBindings(): BindingWatch {
    return new BindingWatch({
      extensions: registerers,
      forgotten() {
        log.warn({}, 'the PBX has lost our bindings');
        for (const registerer of registerers()) registerer.forgotten();
      },
      silent() {
        log.warn({}, 'the PBX does not answer any more');
        disconnect();
        for (const registerer of registerers()) registerer.silent();
      },
      fraction: random.fraction,
    });
  }

  /** A connection over which nothing comes, or which was open while we slept, may have died unnoticed. */
  function disconnect(): void {
    const to = pbx.last;
    if (to) for (const { transports } of onAir.values()) transports.disconnect(to);
  }

  function woken(): void {
    log.info({}, 'the machine has slept, or its clock was set');
    slept = true;
    disconnect();
    network?.forget();
    void network?.look();
  }

  /** There is a way to the PBX, from this address: another one than before, or there was none, or we have slept. */
  function settle(address: string): Promise<void> {
    moving = moving.then(async () => {
      const renewing = slept;
      slept = false;
      log.info({ address, renewing }, 'the way to the PBX');
      const leaving = [...onAir.values()].some(({ transports }) => transports.local.address !== address);
      const moved = await Promise.all(
        [...onAir].map(([index, each]) => settleOne(index, each, address, renewing)),
      );
      if (renewing || leaving) guests?.renew();
      if (!moved.every(Boolean)) network?.forget();
      if (network) await putOnAir(address);
      bindings?.askNow();
    });
    return moving;
  }

  /** False: it could not go there, perhaps not yet (IPv6 tries an address out first). */
  async function settleOne(index: number, at: OnAir, address: string, renewing: boolean): Promise<boolean> {
    const { extension, transports, place, wanted } = at;
    const left = transports.local;
    const contact = place.contact;
    if (left.address === address) {
      if (renewing) extension.renew(null);
      else extension.registerer.reachable();
      return true;
    }
    try {
      await transports.move(address);
      const { port } = transports.local;
      if (port !== left.port) onEvent({ type: 'bound', extension: index, port, wanted });
      place.forget();
      extension.renew(contact);
      return true;
    } catch (error) {
      log.warn({ address, error }, 'the new address cannot be used');
      return false;
    }
  }

  /** Address translators forget a silent phone, some after half a minute (RFC 4787, 4.3). */
  function keepAwake(): void {
    const to = pbx.last;
    if (!to) return;
    for (const { place, transports } of onAir.values()) {
      const isThere = !isConnected(to) || transports.connectionTo(to) !== null;
      if (place.isTranslated && isThere) transports.send(doubleLineEnd, to);
    }
  }

  function perform(effect: SipEffect): void {
    const extension = extensionOf(effect);
    if (extension) extension.perform(effect);
    else log.warn({ effect }, 'nothing to carry this out');
  }

  function extensionOf(effect: SipEffect): Extension | undefined {
    if ('extension' in effect) return onAir.get(effect.extension)?.extension;
    return extensions().find(({ calls }) =>
      'referral' in effect ? calls.hasReferral(effect.referral) : calls.has(effect.call),
    );
  }

  async function stop(): Promise<void> {
    bindings?.close();
    network?.close();
    network = null;
    if (keepAlive) clearInterval(keepAlive);
    await moving;
    if (again) clearTimeout(again);
    const all = extensions();
    const busy = all.some(({ calls }) => calls.size > 0);
    for (const { calls } of all) calls.hangUpAll();
    await Promise.all(all.map((extension) => extension.unregister()));
    // The far end's answers to our BYEs: without a moment for them, a lost BYE would not be repeated.
    if (busy) await new Promise((resolve) => setTimeout(resolve, partingTime));
    await Promise.all(all.map((extension) => extension.close()));
    onAir.clear();
  }

  return { start, perform, woken, stop, trace };
}

/** `address`: or the name of an interface. */
const addressMissing = (address: string): Reason => reason('own-address-missing', { address });

function pbxOf({ pbx }: Profile): PbxAddress {
  const proxy = pbx.outboundProxy === undefined ? null : readHostPort(pbx.outboundProxy);
  const over = pbx.transport === undefined || pbx.transport === 'udp' ? {} : { transport: pbx.transport };
  if (proxy) {
    const port = proxy.port ?? defaultPort(pbx.transport);
    return new PbxAddress({ host: proxy.host, port, ...over }, { isProxy: true });
  }
  const host = withoutBrackets(pbx.address);
  return new PbxAddress({ host, port: pbx.port, ...over }, { srv: pbx.srv === true });
}
