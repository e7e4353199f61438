import { afterEach, describe, expect, it } from 'vitest';
import { createStation, field, host, isMethod, RawPbx } from './sip-support.ts';

const proxyPort = 28_200;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

describe('an outbound proxy', () => {
  it('gets what is meant for the PBX, which keeps its name in all of it', async () => {
    const proxy = await new RawPbx(proxyPort).open();
    open.push(() => proxy.close());
    proxy.automatic = (text) =>
      text.startsWith('INVITE') ? { status: '486 Busy Here' } : { status: '200 OK' };
    const station = createStation({
      pbx: { address: 'pbx.invalid', outboundProxy: `${host}:${proxyPort}` },
      station: { name: 'User-A', localAddress: host },
      extensions: [{ userId: '5031', localPort: 28_210 }],
      lineKeys: [{ extension: 1, label: '5031' }],
    });
    open.push(() => station.port.stop());
    await station.port.start();
    await station.is('registered');
    const register = await proxy.requests.next(isMethod('REGISTER'));
    expect(register.text).toMatch(/^REGISTER sip:pbx\.invalid:6060 SIP/);
    expect(field(register.text, 'To')).toContain('sip:5031@pbx.invalid:6060');

    station.port.perform({ type: 'invite', call: 'one', extension: 1, number: '5051' });
    const invite = await proxy.requests.next(isMethod('INVITE'));
    expect(invite.text).toMatch(/^INVITE sip:5051@pbx\.invalid:6060 SIP/);
    expect(invite.text).not.toMatch(/^Route:/m);
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'busy' } });
  });
});
