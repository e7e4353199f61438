import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppearanceDialog } from '../../electron/phone/lines/dialog.ts';
import { answerInvite, rawSdp } from './raw-call.ts';
import {
  createStation,
  field,
  host,
  isMethod,
  RawPbx,
  type Received,
  type TestStation,
} from './sip-support.ts';

const pbxPort = 25_540;
const phonePort = 25_550;

let pbx: RawPbx;
let station: TestStation;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|NOTIFY|BYE|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  station = createStation({
    pbx: { address: host, port: pbxPort },
    station: { name: 'User-A', localAddress: host },
    extensions: [{ userId: '5031', sharedUserId: '5041', localPort: phonePort }],
    lineKeys: [{ extension: 1, label: '5041' }],
  });
  await station.port.start();
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

const colleague = (told: Partial<AppearanceDialog> = {}): AppearanceDialog => ({
  id: '7',
  direction: 'recipient',
  state: 'confirmed',
  held: true,
  exclusive: false,
  local: { number: '5051', name: null },
  // A far end that is neither the PBX nor ours: the INVITE goes to the PBX all the same.
  remote: { number: '0123', name: null, uri: 'sip:carol@192.0.2.77:5099;line=x' },
  identifiers: { callId: 'held@b', localTag: 'bobs', remoteTag: 'carols' },
  ...told,
});
const pickUp = (dialog: AppearanceDialog, appearance: number | null = 0): void =>
  station.port.perform({ type: 'pick-up', call: 'c1', extension: 1, appearance, dialog });
const bargeIn = (dialog: AppearanceDialog): void =>
  station.port.perform({ type: 'barge-in', call: 'c1', extension: 1, appearance: 0, dialog });
const invite = (): Promise<Received> => pbx.requests.next(isMethod('INVITE'));

describe('picking up', () => {
  it('names the dialog as its far end knows it, requires what that needs, and goes on like a call', async () => {
    pickUp(colleague());
    const sent = await invite();
    expect(sent.text).toMatch(/^INVITE sip:5041@127\.0\.0\.1:25540 SIP/);
    expect(field(sent.text, 'Replaces')).toBe('held@b;to-tag=carols;from-tag=bobs');
    expect(field(sent.text, 'Require')).toBe('replaces');
    expect(field(sent.text, 'Supported')).toBe('replaces, join, 100rel, timer');
    answerInvite(pbx, sent, '200 OK', 'carol', rawSdp(5000));
    expect(await station.is('dialog')).toMatchObject({ call: 'c1', identifiers: { remoteTag: 'carol' } });
    expect(await station.is('answered')).toMatchObject({ call: 'c1' });
  });

  it("goes through the PBX to the far end of a watched extension's call, only while it rings", async () => {
    pickUp(colleague({ state: 'early', held: false }), null);
    const sent = await invite();
    expect(sent.text).toMatch(/^INVITE sip:carol@192\.0\.2\.77:5099;line=x SIP/);
    expect(field(sent.text, 'Replaces')).toBe('held@b;to-tag=carols;from-tag=bobs;early-only');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    answerInvite(pbx, sent, '180 Ringing', 'carol');
    expect((await pbx.requests.next(isMethod('CANCEL'))).text).toMatch(/^CANCEL sip:carol@192\.0\.2\.77/);
    answerInvite(pbx, sent, '487 Request Terminated', 'carol');
    await pbx.requests.next(isMethod('ACK'));
  });

  it('says so when the PBX has not told enough', async () => {
    pickUp(colleague({ identifiers: null }), null);
    expect(await station.is('ended')).toEqual({
      type: 'ended',
      call: 'c1',
      reason: { code: 'cannot-pick-up' },
    });
  });

  it('says so when the far end has no address that can be called', async () => {
    pickUp(colleague({ remote: { number: '0123', name: null, uri: 'not a uri' } }), null);
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'pick-up-refused' } });
  });

  it.each([
    ['481 Call/Transaction Does Not Exist', 'already-gone'],
    ['603 Declined', 'already-gone'],
    ['486 Busy Here', 'already-gone'],
    ['403 Forbidden', 'private-call'],
    ['420 Bad Extension', 'pick-up-refused'],
    ['488 Not Acceptable Here', 'pick-up-refused'],
  ])('explains %s', async (status, code) => {
    pickUp(colleague());
    answerInvite(pbx, await invite(), status, 'carol');
    expect(await station.is('ended')).toMatchObject({ call: 'c1', reason: { code } });
  });
});

describe('barging in', () => {
  it('asks to join the dialog', async () => {
    bargeIn(colleague({ held: false }));
    const { text } = await invite();
    expect(field(text, 'Join')).toBe('held@b;to-tag=carols;from-tag=bobs');
    expect(field(text, 'Require')).toBe('join');
  });

  it.each([
    ['481 Call/Transaction Does Not Exist', 'already-gone'],
    ['403 Forbidden', 'barge-in-refused'],
    ['486 Busy Here', 'barge-in-refused'],
    ['420 Bad Extension', 'barge-in-refused'],
  ])('explains %s', async (status, code) => {
    bargeIn(colleague({ held: false }));
    answerInvite(pbx, await invite(), status, 'carol');
    expect(await station.is('ended')).toMatchObject({ reason: { code } });
  });
});
