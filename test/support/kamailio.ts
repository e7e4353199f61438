import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Certificate } from './certificates.ts';
import { Child, run } from './child.ts';
import { loopback, portBlock } from './ports.ts';
import { Rig, type Stoppable } from './rig.ts';

const configuration = fileURLToPath(new URL('../peers/kamailio/kamailio.cfg', import.meta.url));

export interface KamailioOptions {
  /** TCP, too, at the same port. */
  readonly tcp?: boolean;
  /** TLS, too, at the next port; and TCP. */
  readonly tls?: Certificate;
  readonly personality?: Personality;
}

/** `bla`: state agent of the shared 5041 (dialog;sla), `-brief`: subscriptions last five seconds. `sca`: Broadsoft's shared call appearances. `blf`: tells the dialogs of every extension (RFC 4235). */
export type Personality = 'plain' | 'bla' | 'bla-brief' | 'sca' | 'blf';

const definitions: Readonly<Record<Personality, readonly string[]>> = {
  plain: [],
  bla: ['-A', 'WITH_BLA'],
  'bla-brief': ['-A', 'WITH_BLA', '-A', 'BRIEF'],
  sca: ['-A', 'WITH_SCA'],
  blf: ['-A', 'WITH_BLF'],
};

/** The empty tables that its presence modules want to see. */
const emptyTables = '/usr/share/kamailio/dbtext/kamailio';

/**
 * A real registrar and proxy with digest authentication on a loopback port of its own. It knows
 * 5031, 5041, 5051 and 5061; the password of `user` is `pw<user>`.
 */
export class Kamailio implements Stoppable {
  private constructor(
    readonly port: number,
    readonly child: Child,
    readonly rig: Rig,
    private readonly folder: string,
  ) {}

  /** Starts it and waits until it answers OPTIONS. It speaks UDP, and what the options say. */
  static async start(port?: number, options: KamailioOptions = {}): Promise<Kamailio> {
    const { personality = 'plain' } = options;
    const rig = new Rig();
    const folder = await rig.folder();
    const sipPort = port ?? (await portBlock());
    if (personality !== 'plain') await cp(emptyTables, `${folder}/db`, { recursive: true });
    const args = ['-DD', '-E', '-m', '32', '-M', '4', '-f', configuration, '-Y', folder, '-w', folder];
    const child = new Child('/usr/sbin/kamailio', [
      ...args,
      ...definitions[personality],
      ...['--substdef', `!PBX_ADDRESS!${loopback}:${sipPort}!g`],
      ...['--substdef', `!RUN_FOLDER!${folder}!g`],
      '-P',
      `${folder}/pid`,
      '-l',
      `udp:${loopback}:${sipPort}`,
      ...connected(sipPort, options),
    ]);
    rig.use(child);
    try {
      await answersOptions(sipPort, child);
    } catch (failure) {
      await rig.stop();
      throw failure;
    }
    return new Kamailio(sipPort, child, rig, folder);
  }

  /** Has it do something, as an administrator would (`sca`); resolves with what it says. */
  async control(command: string, ...args: readonly string[]): Promise<string> {
    return String(await run('/usr/sbin/kamcmd', ['-s', `unix:${this.folder}/ctl`, command, ...args]));
  }

  /** Of its TLS. */
  get tlsPort(): number {
    return this.port + 1;
  }

  stop(): Promise<void> {
    return this.rig.stop();
  }
}

function connected(port: number, { tcp = false, tls }: KamailioOptions): string[] {
  const overTcp = tcp || tls ? ['-A', 'WITH_TCP', '-l', `tcp:${loopback}:${port}`] : [];
  if (!tls) return overTcp;
  const files = ['-A', `TLS_KEY="${tls.key}"`, '-A', `TLS_CERTIFICATE="${tls.certificate}"`];
  return [...overTcp, '-A', 'WITH_TLS', ...files, '-l', `tls:${loopback}:${port + 1}`];
}

/** Asks every 50 ms until the answer comes: a starting daemon drops what comes before its socket is bound. */
async function answersOptions(port: number, child: Child): Promise<void> {
  const socket = createSocket('udp4').bind(0, loopback);
  await once(socket, 'listening');
  const me = `${loopback}:${socket.address().port}`;
  let asked = 0;
  const ask = () => {
    asked += 1;
    const lines = [
      `OPTIONS sip:${loopback}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${me};branch=z9hG4bK-ready-${asked}`,
      `From: <sip:ready@${me}>;tag=ready`,
      `To: <sip:${loopback}:${port}>`,
      `Call-ID: ready-${asked}@${me}`,
      `CSeq: ${asked} OPTIONS`,
      'Max-Forwards: 5',
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, loopback);
  };
  const timer = setInterval(ask, 50);
  const limit = AbortSignal.timeout(15_000);
  const failed = child.ended.then(() => {
    throw new Error(`Kamailio ended at once:\n${child.output.slice(-4000)}`);
  });
  try {
    ask();
    const answer = once(socket, 'message', { signal: limit });
    answer.catch(() => {});
    const [message] = await Promise.race([answer, failed]);
    if (!String(message).startsWith('SIP/2.0 200')) throw new Error(`Kamailio answered ${message}`);
  } finally {
    failed.catch(() => {});
    clearInterval(timer);
    socket.close();
  }
}
