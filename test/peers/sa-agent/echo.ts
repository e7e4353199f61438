import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { loopback } from '../../support/ports.ts';

/** The far end of a call: sends every RTP packet back to where the SDP wants it. */
export class Echo {
  #target = 0;

  private constructor(
    readonly socket: Socket,
    readonly port: number,
  ) {
    socket.on('message', (packet) => {
      if (this.#target !== 0) socket.send(packet, this.#target, loopback);
    });
  }

  static async open(): Promise<Echo> {
    const socket = createSocket('udp4').bind(0, loopback);
    await once(socket, 'listening');
    return new Echo(socket, socket.address().port);
  }

  /** Sends to the audio port that an SDP offers from now on. */
  turnTo(offer: string): void {
    this.#target = Number(offer.match(/^m=audio (\d+)/m)?.[1] ?? 0);
  }

  close(): void {
    this.socket.close();
  }
}

/** An answer that takes G.711 mu-law, and telephone events as they were offered (RFC 3264, 6). */
export function answerSdp(offer: string, port: number): string {
  const events = offer.match(/^a=rtpmap:(\d+) telephone-event\/8000/im)?.[1];
  const held = /^a=(sendonly|inactive)\s*$/m.exec(offer)?.[1];
  return [
    'v=0',
    `o=far 1 1 IN IP4 ${loopback}`,
    's=far',
    `c=IN IP4 ${loopback}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0${events ? ` ${events}` : ''}`,
    'a=rtpmap:0 PCMU/8000',
    ...(events ? [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`] : []),
    `a=${held === 'sendonly' ? 'recvonly' : (held ?? 'sendrecv')}`,
    '',
  ].join('\r\n');
}
