import type { Profile } from '../contract/profile.ts';
import { reason } from '../contract/reasons.ts';
import type { SipEffect } from '../phone/effects.ts';
import type { SipEvent } from '../phone/events.ts';
import type { Negotiator } from '../phone/negotiation.ts';
import type { Log, SipEventSink, SipPort } from '../phone/ports.ts';
import { BindingWatch } from './binding-watch.ts';
import { resolveHost } from './dns.ts';
import { Extension } from './extension.ts';
import { Guests, type Mixer } from './guests.ts';
import { createIdentity, withoutBrackets } from './identity.ts';
import { readHostPort } from './message-fields.ts';
import { bindMovable, type MovableSocket } from './movable-socket.ts';
import { NetworkWatch } from './network-watch.ts';
import { anyOwnAddress, localAddressTowards, PbxAddress } from './pbx-address.ts';
import { Place } from './place.ts';
import { cryptoRandom, type Random } from './random.ts';
import type { Limits, Trust } from './rate-limit.ts';
import type { Registerer } from './registerer.ts';
import { createEndpoint, type Endpoint } from './retransmission.ts';
import { StationDialogs } from './station-dialogs.ts';
import { SipTrace } from './trace.ts';
import { type BindUdpSocket, bindUdpSocket, type UdpAddress } from './udp-socket.ts';

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
  /** The network; real UDP sockets when absent. */
  readonly bind?: BindUdpSocket;
  /** How much the PBX and others may send; what suits an office when absent. */
  readonly limits?: Limits;
}

/** An extension on the air, and the socket under its feet. */
interface OnAir {
  readonly extension: Extension;
  readonly socket: MovableSocket;
  readonly place: Place;
  /** The UDP port that the profile asks for. */
  readonly wanted: number;
}

interface Bound {
  readonly endpoint: Endpoint;
  readonly socket: MovableSocket;
}

/** How far above the wanted port the next free one is looked for. */
const portsToTry = 100;
const partingTime = 500;
const keepAliveInterval = 20_000;
const doubleLineEnd = Buffer.from('\r\n\r\n');

export interface SipStation extends SipPort {
  /** The last messages of all extensions, credentials removed. */
  readonly trace: SipTrace;
}

/** The station's SIP side: one extension after the other on its own UDP port. */
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
  const trace = new SipTrace();

  async function start(): Promise<void> {
    await pbx.resolve().catch((error: unknown) => log.warn({ error }, 'PBX address not resolved yet'));
    const address = await route();
    await putOnAir(address ?? anyOwnAddress());
    bindings = watchBindings();
    network = new NetworkWatch({ route, changed: (to) => void settle(to), woken }, address);
    keepAlive = setInterval(keepAwake, keepAliveInterval);
  }

  /** The address to send from; null: no way to the PBX. */
  async function route(): Promise<string | null> {
    const configured = profile.station.localAddress;
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
      const at = await bindAt(index, { address, port: localPort }).catch(() => null);
      if (at) bound.set(index, at);
    }
    for (const { index, localPort } of missing) {
      const at = bound.get(index) ?? (await bindNext(index, address, localPort + 1));
      if (at) register(index, at, localPort);
      else failToBind(index, address, localPort);
    }
  }

  async function bindAt(index: number, local: UdpAddress): Promise<Bound> {
    let socket: MovableSocket | null = null;
    const endpoint = await createEndpoint({
      local,
      log,
      onMessage: (message) => onAir.get(index)?.extension.receive(message),
      trust: ({ address }) => trustOf(address),
      ...(options.limits && { limits: options.limits }),
      bind: async (at, listener) => {
        socket = await bindMovable(options.bind ?? bindUdpSocket, at, listener);
        return socket;
      },
      tap: (traced) => trace.record(traced),
    });
    if (!socket) throw new Error('an endpoint without a socket');
    return { endpoint, socket };
  }

  async function bindNext(index: number, address: string, from: number): Promise<Bound | null> {
    for (let port = from; port < Math.min(from + portsToTry, 65_536); port += 1) {
      const taken = profile.extensions.some(({ localPort }) => localPort === port);
      const bound = taken ? null : await bindAt(index, { address, port }).catch(() => null);
      if (bound) return bound;
    }
    return null;
  }

  function failToBind(extension: number, address: string, port: number): void {
    log.error({ extension, address, port }, 'no UDP port could be bound');
    onEvent({ type: 'register-failed', extension, reason: reason('no-free-port', { address, port }) });
  }

  function trustOf(address: string): Trust {
    if (!pbx.has(address)) return profile.pbx.acceptFromAnyone || isPeer(address) ? 'little' : 'none';
    bindings?.heard();
    return 'full';
  }

  const extensions = (): Extension[] => [...onAir.values()].map(({ extension }) => extension);
  const registerers = (): Registerer[] => extensions().map(({ registerer }) => registerer);
  const isPeer = (address: string): boolean =>
    extensions().some(({ calls }) => calls.hasPeer(address)) || guests?.hasPeer(address) === true;

  function register(index: number, { endpoint, socket }: Bound, wanted: number): void {
    const place = new Place({
      local: () => endpoint.local,
      pbx: () => pbx.last,
      nat: profile.pbx.nat ?? null,
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
      tell,
      userAgent: `Partyline/${options.version}`,
      random,
      log,
    });
    onAir.set(index, { extension, socket, place, wanted });
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
        for (const registerer of registerers()) registerer.silent();
      },
      fraction: random.fraction,
    });
  }

  function woken(): void {
    log.info({}, 'the machine has slept, or its clock was set');
    slept = true;
    network?.forget();
    void network?.look();
  }

  /** There is a way to the PBX, from this address: another one than before, or there was none, or we have slept. */
  function settle(address: string): Promise<void> {
    moving = moving.then(async () => {
      const renewing = slept;
      slept = false;
      log.info({ address, renewing }, 'the way to the PBX');
      const leaving = [...onAir.values()].some(({ socket }) => socket.local.address !== address);
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
    const { extension, socket, place, wanted } = at;
    const left = socket.local;
    const contact = place.contact;
    if (left.address === address) {
      if (renewing) extension.renew(null);
      else extension.registerer.reachable();
      return true;
    }
    try {
      await socket.move(address);
      const { port } = socket.local;
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
    for (const { place, socket } of onAir.values()) {
      if (place.isTranslated) socket.send(doubleLineEnd, to);
    }
  }

  function perform(effect: SipEffect): void {
    const extension = extensionOf(effect);
    if (extension) extension.perform(effect);
    else log.warn({ effect }, 'nothing to carry this out');
  }

  function extensionOf(effect: SipEffect): Extension | undefined {
    if ('extension' in effect) return onAir.get(effect.extension)?.extension;
    return extensions().find(({ calls }) => calls.has(effect.call));
  }

  async function stop(): Promise<void> {
    bindings?.close();
    network?.close();
    network = null;
    if (keepAlive) clearInterval(keepAlive);
    await moving;
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

function pbxOf({ pbx }: Profile): PbxAddress {
  const proxy = pbx.outboundProxy === undefined ? null : readHostPort(pbx.outboundProxy);
  if (proxy) return new PbxAddress({ host: proxy.host, port: proxy.port ?? 5060 }, { isProxy: true });
  return new PbxAddress({ host: withoutBrackets(pbx.address), port: pbx.port }, { srv: pbx.srv === true });
}
