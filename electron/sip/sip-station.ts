import type { Profile } from '../contract/profile.ts';
import { reason } from '../contract/reasons.ts';
import type { SipEffect } from '../phone/effects.ts';
import type { Negotiator } from '../phone/negotiation.ts';
import type { Log, SipEventSink, SipPort } from '../phone/ports.ts';
import { Extension } from './extension.ts';
import { createIdentity, withoutBrackets } from './identity.ts';
import { anyOwnAddress, localAddressTowards, PbxAddress, resolveHost } from './pbx-address.ts';
import { cryptoRandom, type Random } from './random.ts';
import type { Limits, Trust } from './rate-limit.ts';
import { createEndpoint, type Endpoint, type Traced } from './retransmission.ts';
import type { BindUdpSocket, UdpAddress } from './udp-socket.ts';

export interface SipStationOptions {
  readonly profile: Profile;
  readonly negotiator: Negotiator;
  readonly onEvent: SipEventSink;
  readonly log: Log;
  /** Goes into User-Agent: `Partyline/<version>`. */
  readonly version: string;
  readonly random?: Random;
  /** The network; real UDP sockets when absent. */
  readonly bind?: BindUdpSocket;
  /** How much the PBX and others may send; what suits an office when absent. */
  readonly limits?: Limits;
  /** Every datagram, for a trace. */
  readonly tap?: (traced: Traced) => void;
}

/** How far above the wanted port the next free one is looked for. */
const portsToTry = 100;
const partingTime = 500;

/** The station's SIP side: one extension after the other on its own UDP port. */
export function createSipStation(options: SipStationOptions): SipPort {
  const { profile, log, onEvent } = options;
  const random = options.random ?? cryptoRandom;
  const pbx = new PbxAddress(withoutBrackets(profile.pbx.address), profile.pbx.port);
  const extensions = new Map<number, Extension>();

  async function start(): Promise<void> {
    const address = await localAddress();
    const wanted = profile.extensions.map(({ localPort }, position) => ({ index: position + 1, localPort }));
    // Whoever has its own port free keeps it; only then do the others look for another one.
    const bound = new Map<number, Endpoint>();
    const displaced: typeof wanted = [];
    for (const slot of wanted) {
      const endpoint = await bindAt(slot.index, { address, port: slot.localPort }).catch(() => null);
      if (endpoint) bound.set(slot.index, endpoint);
      else displaced.push(slot);
    }
    for (const slot of displaced) {
      const endpoint = await bindNext(slot.index, address, slot.localPort + 1);
      if (endpoint) bound.set(slot.index, endpoint);
      else failToBind(slot.index, address, slot.localPort);
    }
    for (const { index, localPort } of wanted) {
      const endpoint = bound.get(index);
      if (endpoint) putOnAir(index, endpoint, localPort);
    }
  }

  async function localAddress(): Promise<string> {
    const configured = profile.station.localAddress;
    try {
      if (configured !== undefined) return (await resolveHost(withoutBrackets(configured)))[0] ?? configured;
      return await localAddressTowards(await pbx.resolve());
    } catch (error) {
      log.warn({ error }, 'no route to the PBX yet');
      return anyOwnAddress();
    }
  }

  const bindAt = (index: number, local: UdpAddress): Promise<Endpoint> =>
    createEndpoint({
      local,
      log,
      onMessage: (message) => extensions.get(index)?.receive(message),
      trust: ({ address }) => trustOf(address),
      ...(options.limits && { limits: options.limits }),
      ...(options.bind && { bind: options.bind }),
      ...(options.tap && { tap: options.tap }),
    });

  async function bindNext(index: number, address: string, from: number): Promise<Endpoint | null> {
    for (let port = from; port < Math.min(from + portsToTry, 65_536); port += 1) {
      const taken = profile.extensions.some(({ localPort }) => localPort === port);
      const endpoint = taken ? null : await bindAt(index, { address, port }).catch(() => null);
      if (endpoint) return endpoint;
    }
    return null;
  }

  function failToBind(extension: number, address: string, port: number): void {
    log.error({ extension, address, port }, 'no UDP port could be bound');
    onEvent({ type: 'register-failed', extension, reason: reason('no-free-port', { address, port }) });
  }

  function trustOf(address: string): Trust {
    if (pbx.has(address)) return 'full';
    return profile.pbx.acceptFromAnyone || isPeer(address) ? 'little' : 'none';
  }

  const isPeer = (address: string): boolean =>
    [...extensions.values()].some(({ calls }) => calls.hasPeer(address));

  function putOnAir(index: number, endpoint: Endpoint, wanted: number): void {
    const identity = createIdentity(profile, index - 1, endpoint.local);
    if (!identity) return;
    const extension = new Extension({
      index,
      identity,
      endpoint,
      pbx,
      dialect: profile.pbx.dialect,
      negotiator: options.negotiator,
      tell: onEvent,
      userAgent: `Partyline/${options.version}`,
      random,
      log,
    });
    extensions.set(index, extension);
    onEvent({ type: 'bound', extension: index, port: endpoint.local.port, wanted });
    extension.register();
  }

  function perform(effect: SipEffect): void {
    const extension = extensionOf(effect);
    if (extension) extension.perform(effect);
    else log.warn({ effect }, 'nothing to carry this out');
  }

  function extensionOf(effect: SipEffect): Extension | undefined {
    if ('extension' in effect) return extensions.get(effect.extension);
    return [...extensions.values()].find(({ calls }) => calls.has(effect.call));
  }

  async function stop(): Promise<void> {
    const all = [...extensions.values()];
    const busy = all.some(({ calls }) => calls.size > 0);
    for (const { calls } of all) calls.hangUpAll();
    await Promise.all(all.map((extension) => extension.unregister()));
    // The far end's answers to our BYEs: without a moment for them, a lost BYE would not be repeated.
    if (busy) await new Promise((resolve) => setTimeout(resolve, partingTime));
    await Promise.all(all.map((extension) => extension.close()));
    extensions.clear();
  }

  return { start, perform, stop };
}
