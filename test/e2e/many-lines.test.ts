import { afterAll, afterEach, expect, it } from 'vitest';
import { field, host, RawPbx, type Received } from '../integration/sip-support.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const lines = 500;
const changesASecond = 50;
const seconds = 10;
const users = Array.from({ length: lines }, (_, position) => String(6000 + position));

/** A PBX that tells the state of every extension to whoever subscribes, in the words of RFC 4235. */
class Notifier {
  private readonly asked = new Map<string, Received>();
  private version = 0;
  private readonly subscribed: Promise<void>;

  private constructor(readonly pbx: RawPbx) {
    let all = (): void => {};
    this.subscribed = new Promise((resolve) => {
      all = resolve;
    });
    pbx.automatic = (text) => {
      if (!text.startsWith('SUBSCRIBE')) return { status: '200 OK' };
      const port = Number(/^Contact: .*:(\d+)>/m.exec(text)?.[1]);
      const user = /^SUBSCRIBE sip:(\d+)@/.exec(text)?.[1];
      if (user) {
        this.asked.set(user, { text, port });
        setImmediate(() => this.tell(user, null));
      }
      if (this.asked.size === lines) all();
      return {
        status: '200 OK',
        headers: [`Expires: ${field(text, 'Expires')}`, `Contact: <sip:sa@${host}:${pbx.port}>`],
      };
    };
  }

  static async start(): Promise<Notifier> {
    const pbx = await new RawPbx(await portBlock()).open();
    rig.use({ stop: () => pbx.close() });
    return new Notifier(pbx);
  }

  /** Resolves when all lines are watched. */
  all = (): Promise<void> => this.subscribed;

  /** The extension talks with somebody, or is free (null). */
  tell(user: string, far: string | null): void {
    const { text, port } = this.asked.get(user) ?? { text: '', port: 0 };
    this.version += 1;
    const dialog =
      far === null
        ? ''
        : `<dialog id="d" direction="recipient"><state>confirmed</state><remote><identity>sip:${far}@${host}</identity></remote></dialog>`;
    const body = `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${this.version}" state="full" entity="sip:${user}@${host}">${dialog}</dialog-info>`;
    this.pbx.send(
      [
        `NOTIFY sip:5031@${host}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${host}:${this.pbx.port};branch=z9hG4bK-n${this.version}`,
        `From: ${field(text, 'To')};tag=pbx1`,
        `To: ${field(text, 'From')}`,
        `Call-ID: ${field(text, 'Call-ID')}`,
        `CSeq: ${this.version} NOTIFY`,
        `Contact: <sip:sa@${host}:${this.pbx.port}>`,
        'Event: dialog',
        'Subscription-State: active;expires=3600',
        'Content-Type: application/dialog-info+xml',
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
      port,
    );
  }
}

it(`${lines} watched lines, ${changesASecond} changes a second: no frame is late, and the phone has time left`, async () => {
  const notifier = await Notifier.start();
  const app = rig.use(
    await ElectronApp.start({
      profile: {
        pbx: { address: host, port: notifier.pbx.port, dialect: 'none' },
        station: { name: 'Front desk', localAddress: host },
        extensions: [{ userId: '5031', localPort: await portBlock() }],
        lineKeys: [
          { extension: 1, label: '5031' },
          ...users.map((user) => ({ watch: user, label: `Person ${user}` })),
        ],
      },
    }),
  );
  await notifier.all();
  await app.lineKey(lines + 1).waitFor();
  await app.control.until('all lines are known', ({ lineKeys }) =>
    lineKeys.every(({ state }) => state === 'idle'),
  );
  // To hand out whole snapshots, fifty times a second, is not what is measured.
  await app.control.stop();
  await app.window.evaluate(() => {
    const work: number[] = [];
    const intervals: number[] = [];
    const { port1, port2 } = new MessageChannel();
    let [began, last] = [0, performance.now()];
    // A task that was posted when the frame began comes after its style, layout and painting.
    port1.onmessage = () => work.push(performance.now() - began);
    const frame = (now: number): void => {
      began = performance.now();
      intervals.push(now - last);
      last = now;
      port2.postMessage(null);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
    Object.assign(window, { work, intervals, tasks });
  });
  const cpu = () => app.app.evaluate(() => process.cpuUsage());
  const before = await cpu();
  const began = performance.now();
  for (let change = 0; change < seconds * changesASecond; change += 1) {
    const user = users[(change * 7) % lines] ?? '';
    notifier.tell(user, `777${change}`);
    const due = began + ((change + 1) * 1000) / changesASecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(due - performance.now(), 0)));
  }
  const elapsed = performance.now() - began;
  const after = await cpu();
  const share = (after.user + after.system - before.user - before.system) / 1000 / elapsed;
  const { work, intervals, tasks } = await app.window.evaluate(() => ({
    work: [...Reflect.get(window, 'work')].map(Number),
    intervals: [...Reflect.get(window, 'intervals')].map(Number),
    tasks: [...Reflect.get(window, 'tasks')].map(Number),
  }));
  const p95 = (numbers: number[]): number =>
    numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length * 0.95)] ?? Number.NaN;
  console.log(
    `${lines} watched lines, ${changesASecond} changes a second for ${seconds} s: frame work p95 ${p95(work).toFixed(1)} ms, ` +
      `frame interval p95 ${p95(intervals).toFixed(1)} ms of ${intervals.length}, ${tasks.length} tasks over 50 ms, ` +
      `main process ${(share * 100).toFixed(1)} % of a core`,
  );
  // What was told last is on the screen.
  expect(await app.window.locator('.line-key[data-state="remote-active"]').count()).toBe(lines);
  expect(p95(work)).toBeLessThan(16.7);
  // At 60 a second one lasts 16.7 ms by the clock; a frame that missed its turn takes twice as long.
  expect(p95(intervals)).toBeLessThan(25);
  expect(share).toBeLessThan(0.15);
});
