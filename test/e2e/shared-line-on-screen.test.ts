import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { lineIdentity, SharedLineAgent } from '../peers/sa-agent/sa-agent.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const sharedKey = 2;
const changes = 30;
const limitMs = 50;

const dialogInfo = (state: string, held = false): string =>
  [
    '<?xml version="1.0"?>',
    '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="31" state="partial" entity="sip:sa@pbx">',
    '<dialog id="201" direction="initiator">',
    '<local><identity display="User-B">sip:5032@pbx</identity>',
    '<target uri="sip:5032@pbx"><param pname="x-line-id" pvalue="0"/>',
    ...(held ? ['<param pname="+sip.rendering" pvalue="no"/>'] : []),
    '</target></local>',
    `<state>${state}</state></dialog></dialog-info>`,
  ].join('\n');

describe('a colleague on the shared line', () => {
  it(`shows on the key within ${limitMs} ms of the NOTIFY on the wire`, async () => {
    const pbxPort = await portBlock();
    const localPort = await portBlock();
    const agent = rig.use(await SharedLineAgent.start(pbxPort));
    const app = rig.use(await ElectronApp.start({ profile: userA(pbxPort, localPort) }));
    await app.control.key(sharedKey, 'idle');
    await app.lineKey(sharedKey).waitFor();
    const wire = rig.use(await Wire.start(`udp dst port ${localPort + 1}`));

    // In the page: when the key says something new, and when the frame with it has been painted.
    await app.lineKey(sharedKey).evaluate((key) => {
      const seen: { label: string; changed: number; painted: number }[] = [];
      Object.assign(window, { seen });
      const observer = new MutationObserver(() => {
        const label = key.getAttribute('aria-label') ?? '';
        const changed = Date.now();
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => seen.push({ label, changed, painted: Date.now() });
          port2.postMessage(null);
        });
      });
      observer.observe(key, { attributes: true, attributeFilter: ['aria-label'] });
    });

    const painted: number[] = [];
    const changed: number[] = [];
    for (let change = 0; change < changes; change += 1) {
      const state = change % 2 === 0 ? 'confirmed' : 'terminated';
      await agent.notify({
        to: `sip:5041@${loopback}:${localPort + 1}`,
        from: lineIdentity,
        body: dialogInfo(state),
      });
      await app.window.waitForFunction((count) => Reflect.get(window, 'seen').length === count, change + 1);
      const shown = await app.window.evaluate(() => Reflect.get(window, 'seen').at(-1));
      expect(shown.label).toMatch(state === 'confirmed' ? /User-B/ : /Free/);
      const sent = (await wire.sip()).filter(({ message }) => message.method === 'NOTIFY').at(-1);
      painted.push(shown.painted - (sent?.time ?? Number.NaN));
      changed.push(shown.changed - (sent?.time ?? Number.NaN));
    }

    const median = middle(painted);
    console.log(
      `NOTIFY on the wire to the key on the screen, ${changes} times: median ${median.toFixed(1)} ms ` +
        `(longest ${Math.max(...painted).toFixed(1)} ms; in the page after ${middle(changed).toFixed(1)} ms)`,
    );
    expect(median).toBeLessThan(limitMs);
  });

  it('is offered to be picked up while it is on hold, and explained while it is not', async () => {
    const pbxPort = await portBlock();
    const localPort = await portBlock();
    const agent = rig.use(await SharedLineAgent.start(pbxPort));
    const app = rig.use(await ElectronApp.start({ profile: userA(pbxPort, localPort) }));
    await app.control.key(sharedKey, 'idle');
    const tell = (body: string) =>
      agent.notify({ to: `sip:5041@${loopback}:${localPort + 1}`, from: lineIdentity, body });

    await tell(dialogInfo('confirmed'));
    const { cannot } = await app.control.key(sharedKey, 'remote-active');
    expect(cannot).toMatch(/cannot be joined/);
    await app.lineKey(sharedKey).click();
    await app.shows(cannot ?? 'a reason');

    await tell(dialogInfo('confirmed', true));
    const held = await app.control.key(sharedKey, 'remote-held');
    expect(held.can.pickUp).toBe(true);
    await app.lineKey(sharedKey).getByText('Pick up').waitFor();
    expect(await app.lineKey(sharedKey).getAttribute('aria-label')).toMatch(/Held by User-B/);
  });

  it('shows that the line is in use when the PBX refuses it', async () => {
    const pbxPort = await portBlock();
    const agent = rig.use(await SharedLineAgent.start(pbxPort));
    const app = rig.use(await ElectronApp.start({ profile: userA(pbxPort, await portBlock()) }));
    await app.control.key(sharedKey, 'idle');
    agent.verdict = 409;
    await app.lineKey(sharedKey).click();
    await agent.receives('the seize', ({ method, body }) => method === 'NOTIFY' && />trying</.test(body));
    await app.shows('in use');
    expect(agent.requests.filter(({ method }) => method === 'INVITE')).toEqual([]);
  });
});

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
