const toneMs = 100;
const gapMs = 70;
const commaMs = 500;
/** Of the packet that ends an event, so that one lost packet does not leave a tone hanging (RFC 4733, 2.5.1.4). */
const endPackets = 3;
/** -10 dBm0 (RFC 4733, 2.3.3). */
const volume = 10;
/** The position of a character is its event code (RFC 4733, 3.2). */
const events = '0123456789*#ABCD';

/** One packet of a telephone event and when it leaves. */
export interface EventPacket {
  /** Milliseconds after the first tone begins. */
  readonly at: number;
  /** First packet of its event: carries the marker and fixes the timestamp that all the others repeat. */
  readonly first: boolean;
  /** Last packet of its event: audio may go on after it. */
  readonly last: boolean;
  /** Octets as on the wire (RFC 4733, 2.3). */
  readonly payload: Buffer;
}

/**
 * The packets that play `tones` (0-9 * # A-D; a comma pauses; others are skipped): 100 ms a tone and 70 ms between,
 * one packet each `ptime` with a growing duration. The three end packets are paced as well: some gateways drop bursts.
 */
export function telephoneEventPackets(tones: string, ptime: number, ticksPerMs = 8): EventPacket[] {
  const packets: EventPacket[] = [];
  let begin = 0;
  for (const tone of tones.toUpperCase()) {
    if (tone === ',') {
      begin += commaMs;
      continue;
    }
    const event = events.indexOf(tone);
    if (event < 0) continue;
    const packetsOfTone = packetsOfEvent(event, begin, ptime, ticksPerMs);
    packets.push(...packetsOfTone);
    const lastAt = packetsOfTone.at(-1)?.at ?? begin;
    begin = Math.max(begin + toneMs + gapMs, lastAt + ptime);
  }
  return packets;
}

function packetsOfEvent(event: number, begin: number, ptime: number, ticksPerMs: number): EventPacket[] {
  const growing = Math.ceil(toneMs / ptime);
  return Array.from({ length: growing + endPackets - 1 }, (_, index) => ({
    at: begin + index * ptime,
    first: index === 0,
    last: index === growing + endPackets - 2,
    payload: payloadOf(event, index >= growing - 1, Math.min((index + 1) * ptime, toneMs) * ticksPerMs),
  }));
}

function payloadOf(event: number, end: boolean, duration: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt8(event, 0);
  payload.writeUInt8((end ? 0x80 : 0) | volume, 1);
  payload.writeUInt16BE(duration, 2);
  return payload;
}

/** Plays telephone events one after the other; tones that come while others play follow them. */
export class TelephoneEventPlayer {
  readonly #send: (packet: EventPacket) => void;
  #queue: { packet: EventPacket; due: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #freeFrom = 0;
  #inEvent = false;

  constructor(send: (packet: EventPacket) => void) {
    this.#send = send;
  }

  /** An event is being sent: no audio now (RFC 4733, 2.5.1.1). */
  get inEvent(): boolean {
    return this.#inEvent;
  }

  /** `ticksPerMs` of the clock that the events are counted in. */
  play(tones: string, ptime: number, ticksPerMs = 8): void {
    const begin = Math.max(performance.now(), this.#freeFrom);
    for (const packet of telephoneEventPackets(tones, ptime, ticksPerMs)) {
      this.#queue.push({ packet, due: begin + packet.at });
      this.#freeFrom = begin + packet.at + gapMs;
    }
    if (!this.#timer) this.#next();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    this.#inEvent = false;
  }

  #next(): void {
    const head = this.#queue[0];
    this.#timer = head && setTimeout(() => this.#fire(), Math.max(0, head.due - performance.now()));
  }

  #fire(): void {
    const head = this.#queue.shift();
    if (head) {
      this.#inEvent = !head.packet.last;
      this.#send(head.packet);
    }
    this.#next();
  }
}
