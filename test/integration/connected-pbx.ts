import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { field, host, Inbox } from './sip-support.ts';

/** A message, and the connection that it came over. */
export interface Heard {
  readonly text: string;
  readonly socket: Socket;
}

/** A PBX made of a bare TCP server and strings: it shares no code with what it tests. */
export class ConnectedPbx {
  readonly requests = new Inbox<Heard>();
  readonly responses = new Inbox<Heard>();
  readonly connections: Socket[] = [];
  /** What to answer by itself; null leaves it to the test. */
  automatic: (text: string, socket: Socket) => { status: string; headers?: string[] } | null = () => null;
  private readonly server: Server;

  constructor(readonly port: number) {
    this.server = createServer((socket) => this.take(socket));
  }

  async open(): Promise<this> {
    this.server.listen(this.port, host);
    await once(this.server, 'listening');
    return this;
  }

  /** RFC 3581: the answer says where the request came from. */
  answer({ text, socket }: Heard, status: string, headers: string[] = [], body = ''): void {
    const via = field(text, 'Via').replace(/;rport\b/, `;received=${host};rport=${socket.remotePort}`);
    const to = field(text, 'To');
    const lines = [
      `SIP/2.0 ${status}`,
      `Via: ${via}`,
      ...['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(text, name)}`),
      `To: ${to}${to.includes(';tag=') ? '' : ';tag=pbx1'}`,
      ...headers,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    if (this.server.listening) await once(this.server, 'close');
  }

  /** Ends every connection, as a PBX that is started anew. */
  cut(): void {
    for (const socket of this.connections.splice(0)) socket.destroy();
  }

  private take(socket: Socket): void {
    this.connections.push(socket);
    let held = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (piece: string) => {
      held = `${held}${piece}`.trimStart();
      for (let end = messageEnd(held); end > 0; end = messageEnd(held)) {
        this.hear({ text: held.slice(0, end), socket });
        held = held.slice(end);
      }
    });
  }

  private hear(heard: Heard): void {
    if (heard.text.startsWith('SIP/2.0')) {
      this.responses.add(heard);
      return;
    }
    const answer = this.automatic(heard.text, heard.socket);
    if (answer) this.answer(heard, answer.status, answer.headers);
    this.requests.add(heard);
  }
}

function messageEnd(stream: string): number {
  const head = stream.indexOf('\r\n\r\n') + 4;
  const end = head + Number(field(stream.slice(0, head), 'Content-Length'));
  return head < 4 || stream.length < end ? 0 : end;
}
