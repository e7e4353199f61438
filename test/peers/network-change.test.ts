import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { readMulawFile } from '../../electron/media/wav-file.ts';
import { type Child, run } from '../support/child.ts';
import { Control } from '../support/control.ts';
import { canMakeNamespaces, Namespace } from '../support/netns.ts';
import { profileFile } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const allowed = await canMakeNamespaces();
if (!allowed) console.log('Network change is not tested: that needs root on Linux, for network namespaces.');

const wire = 'wire';
const pbxAddress = '10.77.1.1';
const pbxPort = 5060;
const home = '10.77.1.2';
const elsewhere = '10.77.2.2';
const program = fileURLToPath(new URL('../../out/main/headless.js', import.meta.url));
const configuration = fileURLToPath(new URL('kamailio/kamailio.cfg', import.meta.url));

const pbx = { address: pbxAddress, port: pbxPort, dialect: 'none' } as const;
const userA: ProfileInput = {
  pbx,
  station: { name: 'User-A' },
  extensions: [
    { userId: '5031', password: 'pw5031', localPort: 5060 },
    { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: 5061 },
  ],
  lineKeys: [
    { extension: 1, label: '5031' },
    { extension: 2, label: '5041' },
  ],
};
const userB: ProfileInput = {
  pbx,
  station: { name: 'User-B', localAddress: pbxAddress },
  extensions: [{ userId: '5051', password: 'pw5051', localPort: 5070 }],
  lineKeys: [{ extension: 1, label: '5051' }],
  // So that what is on the wire can be listened to.
  calls: { codecs: ['PCMU'] },
};

interface Phone {
  readonly control: Control;
  readonly child: Child;
  readonly heard: string;
}

/** User-A in a network of her own; PBX and User-B in another, which is to be reached from two addresses. */
async function office() {
  const folder = await rig.folder();
  const theirs = rig.use(await Namespace.make());
  const ours = rig.use(await Namespace.make());
  await theirs.connect(ours, [`${pbxAddress}/24`, '10.77.2.1/24'], [`${home}/24`], wire);
  const tone = join(folder, 'tone.wav');
  await run('sox', ['-n', '-r', '8000', '-c', '1', '-e', 'mu-law', tone, 'synth', '90', 'sine', '440']);

  async function phone(namespace: Namespace, profile: ProfileInput): Promise<Phone> {
    const own = await rig.folder();
    const control = join(own, 'control');
    const heard = join(own, 'heard.wav');
    const file = await profileFile(own, profile);
    const args = ['--profile', file, '--control', control, '--audio-in', tone, '--audio-out', heard];
    const child = rig.use(namespace.start(process.execPath, [program, ...args]));
    const opened = rig.use(await Control.open(control, child));
    return { control: opened, child, heard };
  }

  async function startKamailio(): Promise<Child> {
    const own = await rig.folder();
    const args = ['-DD', '-E', '-m', '16', '-M', '4', '-f', configuration, '-Y', own, '-w', own];
    const listening = ['-P', `${own}/pid`, '-l', `udp:${pbxAddress}:${pbxPort}`];
    return rig.use(theirs.start('/usr/sbin/kamailio', [...args, ...listening]));
  }

  const kamailio = await startKamailio();
  const [a, b] = await Promise.all([phone(ours, userA), phone(theirs, userB)]);
  await Promise.all([a.control.registered(), b.control.registered()]).catch((failure: unknown) => {
    const state = kamailio.hasEnded ? 'has ended' : 'runs';
    throw new Error(
      `not on the air: ${failure}\nKamailio ${state} and said:\n${kamailio.output.slice(-4_000)}`,
    );
  });
  return { folder, ours, theirs, kamailio, startKamailio, a, b };
}

async function talk(a: Phone, b: Phone): Promise<void> {
  await a.control.command('dial', { lineKey: 1, number: '5051' });
  const { id } = await b.control.call('incoming');
  await b.control.command('answer', { call: id });
  await a.control.call('active');
}

/** Another network: the old address is gone at once, as when a laptop leaves a dock. */
async function goElsewhere(ours: Namespace): Promise<void> {
  await ours.ip('address', 'delete', `${home}/24`, 'dev', wire);
  await ours.ip('address', 'add', `${elsewhere}/24`, 'dev', wire);
  await ours.ip('route', 'add', 'default', 'via', '10.77.2.1');
}

const isRegistering = ({ registration }: { registration: string }): boolean => registration === 'registering';

interface Sighting {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** Bytes of the UDP payload. */
  readonly length: number;
  readonly request: string;
  readonly status: string;
  readonly cseq: string;
  readonly via: string;
  readonly contact: string;
}

async function readCapture(file: string): Promise<Sighting[]> {
  const fields = ['frame.time_epoch', 'ip.src', 'ip.dst', 'udp.length', 'sip.Method', 'sip.Status-Code'];
  const names = [...fields, 'sip.CSeq.method', 'sip.Via', 'sip.Contact'].flatMap((field) => ['-e', field]);
  const text = await run('tshark', [
    '-r',
    file,
    '-Y',
    'udp && !icmp',
    '-T',
    'fields',
    '-E',
    'occurrence=f',
    ...names,
  ]);
  return String(text)
    .trim()
    .split('\n')
    .map((line) => {
      const [
        at = '',
        from = '',
        to = '',
        length = '',
        request = '',
        status = '',
        cseq = '',
        via = '',
        contact = '',
      ] = line.split('\t');
      const seconds = Number.isNaN(Number(at)) ? Date.parse(at) / 1000 : Number(at);
      return { at: seconds, from, to, length: Number(length) - 8, request, status, cseq, via, contact };
    });
}

/** G.711 of 20 ms in RTP. */
const isRtp = ({ length, request, status }: Sighting): boolean =>
  length === 172 && request === '' && status === '';

/** The longest pause within a recording, in seconds; what lies before the first and after the last sound is none. */
function longestPause(file: string): number {
  const isSilent = (sample: number): boolean => sample === 0xff || sample === 0x7f;
  const samples = readMulawFile(file);
  let longest = 0;
  let last = samples.findIndex((sample) => !isSilent(sample));
  for (let at = last; at < samples.length; at += 1) {
    if (isSilent(samples[at] ?? 0xff)) continue;
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest / 8000;
}

describe.skipIf(!allowed)('a phone whose network changes', () => {
  it('keeps its call and its registrations at another address', async () => {
    const { folder, ours, theirs, a, b } = await office();
    const file = join(folder, 'wire.pcap');
    const capture = rig.use(theirs.start('dumpcap', ['-q', '-i', wire, '-P', '-w', file]));
    await capture.says(/File:/);
    await talk(a, b);
    await delay(3_000);
    const left = Date.now() / 1000;
    await goElsewhere(ours);
    await delay(7_000);
    expect(a.control.snapshot.extensions.map(({ registration }) => registration)).toEqual([
      'registered',
      'registered',
    ]);
    expect([a, b].map(({ control }) => control.snapshot.calls.map(({ state }) => state))).toEqual([
      ['active'],
      ['active'],
    ]);
    await capture.stop('SIGINT');

    const seen = (await readCapture(file)).filter(({ at }) => at > left);
    const first = (wanted: (sighting: Sighting) => boolean): number =>
      (seen.find(wanted)?.at ?? Number.POSITIVE_INFINITY) - left;
    const granted = seen.filter(
      ({ to, status, cseq }) => to === elsewhere && status === '200' && cseq === 'REGISTER',
    );
    const registeredAfter = (granted[1]?.at ?? Number.POSITIVE_INFINITY) - left;
    const soundOut = first((each) => isRtp(each) && each.from === elsewhere);
    const soundIn = first((each) => isRtp(each) && each.to === elsewhere);
    const told = { registeredAfter, soundOut, soundIn };
    console.log('seconds after the change of address:', told);
    for (const seconds of Object.values(told)) expect(seconds).toBeLessThan(5);

    const requests = seen.filter(({ from, request }) => from === elsewhere && request !== '');
    expect(requests.map(({ request }) => request)).toContain('INVITE');
    for (const { via, contact } of requests) {
      expect(via).toContain(elsewhere);
      if (contact !== '') expect(contact).toContain(elsewhere);
    }

    const [call] = a.control.snapshot.calls;
    await a.control.command('hangUp', { call: call?.id ?? '' });
    await b.control.until('the call is over', ({ calls }) => calls.length === 0);
    for (const { control, child } of [a, b]) {
      await control.stop();
      await child.stop();
    }
    const pauses = { heardByA: longestPause(a.heard), heardByB: longestPause(b.heard) };
    console.log('longest pause in what each heard, seconds:', pauses);
    for (const seconds of Object.values(pauses)) expect(seconds).toBeLessThan(5);
  }, 90_000);

  it('goes over to another interface when the one in use is switched off', async () => {
    const { ours, theirs, a, b } = await office();
    await theirs.connect(ours, ['10.77.3.1/24'], ['10.77.3.2/24'], 'wireless');
    await ours.ip('route', 'add', 'default', 'via', '10.77.3.1');
    await talk(a, b);
    const off = performance.now();
    await ours.ip('link', 'set', wire, 'down');
    await a.control.until('on its way', ({ extensions }) => extensions.some(isRegistering), 5_000);
    await a.control.registered();
    console.log(`on the other interface ${Math.round(performance.now() - off)} ms after the first went down`);
    const [call] = a.control.snapshot.calls;
    await a.control.command('hold', { call: call?.id ?? '' });
    await a.control.call('held', 5_000);
    expect(b.control.snapshot.calls[0]?.heldByRemote).toBe(true);
    await a.control.command('resume', { call: call?.id ?? '' });
    await a.control.call('active', 5_000);
    await b.control.command('dial', { lineKey: 1, number: '5031' });
    await a.control.call('incoming', 10_000);
  }, 90_000);

  it('finds all keys right again after a sleep in which the PBX was started anew and the far end hung up', async () => {
    const { ours, kamailio, startKamailio, a, b } = await office();
    await talk(a, b);
    a.child.process.kill('SIGSTOP');
    await ours.ip('link', 'set', wire, 'down');
    const [call] = b.control.snapshot.calls;
    await b.control.command('hangUp', { call: call?.id ?? '' });
    await kamailio.stop('SIGKILL');
    await startKamailio();
    await delay(10_000);
    await ours.ip('link', 'set', wire, 'up');
    const woken = performance.now();
    a.child.process.kill('SIGCONT');
    await a.control.until('awake', ({ extensions }) => extensions.every(isRegistering));
    await a.control.registered();
    await a.control.until('no call', ({ calls }) => calls.length === 0);
    console.log(`keys right ${Math.round(performance.now() - woken)} ms after waking`);
    // Only a PBX that knows us again can find us.
    await b.control.until(
      'B has found out too',
      ({ extensions }) => extensions[0]?.registration === 'registered',
    );
    await b.control.command('dial', { lineKey: 1, number: '5031' });
    await a.control.call('incoming', 10_000);
  }, 90_000);
});
