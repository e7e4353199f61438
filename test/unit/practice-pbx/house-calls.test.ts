import { beforeEach, describe, expect, it } from 'vitest';
import { type Binding, Bindings } from '../../../electron/practice-pbx/bindings.ts';
import { HouseCalls } from '../../../electron/practice-pbx/house-calls.ts';
import { routeToNamed } from '../../../electron/practice-pbx/named-dialog.ts';
import {
  createRequest,
  createResponse,
  header,
  type SipMessage,
} from '../../../electron/sip/message/message.ts';

const binding = (registrant: string, extension: string, port: number): Binding => ({
  extension,
  registrant,
  uri: `sip:${extension}@127.0.0.1:${port}`,
  target: { address: '127.0.0.1', port },
  source: { address: '127.0.0.1', port },
  stationName: null,
  callId: String(port),
  cseq: 1,
  expiresAt: 1,
});
const bob = binding('5041', '5041', 5070);
const carol = binding('5061', '5061', 5080);
const sharer = binding('5031', '5041', 5061);
const stranger = binding('5051', '5051', 5090);

const message = (method: string, from: string, to: string, more: Record<string, string> = {}): SipMessage =>
  createRequest(
    method,
    'sip:5061@pbx',
    Object.entries({ From: from, To: to, 'Call-ID': 'talk', CSeq: `1 ${method}`, ...more }).map(
      ([name, value]) => ({ name, value }),
    ),
  );
const invite = message('INVITE', '"Bob" <sip:5041@pbx>;tag=bobs', '<sip:5061@pbx>');
const answer = (status: number, toTag = 'carols') => createResponse(invite, status, 'Whatever', { toTag });

let changed: string[];
let calls: HouseCalls;
beforeEach(() => {
  changed = [];
  calls = new HouseCalls((extension) => changed.push(extension));
});
const states = (extension: string) => calls.of(extension).map(({ state }) => state);

describe('the calls of the house', () => {
  it('ring, are answered and end, and both extensions are told each time', () => {
    calls.answered(invite, bob, carol, answer(100));
    expect(changed).toEqual([]);
    calls.answered(invite, bob, carol, answer(180));
    calls.answered(invite, bob, carol, answer(180));
    expect([states('5041'), states('5061'), changed]).toEqual([['early'], ['early'], ['5041', '5061']]);
    calls.answered(invite, bob, carol, answer(200));
    calls.answered(invite, bob, carol, answer(200));
    expect([states('5061'), changed.length]).toEqual([['confirmed'], 4]);
    calls.ended(message('BYE', '<sip:5061@pbx>;tag=carols', '<sip:5041@pbx>;tag=bobs'));
    expect([states('5041'), states('5061'), changed.length]).toEqual([[], [], 6]);
  });

  it('name the caller as he calls himself', () => {
    calls.answered(invite, bob, carol, answer(180));
    expect(calls.of('5061')[0]?.caller.party).toEqual({ number: '5041', name: 'Bob' });
  });

  it.each([
    ['refused', () => calls.answered(invite, bob, carol, answer(487, 'another'))],
    ['never answered', () => calls.refused(invite, carol)],
    ['gone with its phone', () => calls.gone(carol)],
  ])('%s', (_what, end) => {
    calls.answered(invite, bob, carol, answer(180));
    end();
    expect(calls.of('5061')).toEqual([]);
  });

  it('outlive the refusal of another phone, and the end of another call', () => {
    calls.answered(invite, bob, carol, answer(200));
    calls.refused(invite, carol);
    calls.ended(message('BYE', '<sip:5061@pbx>;tag=carols', '<sip:5041@pbx>;tag=else'));
    calls.gone(stranger);
    expect(states('5061')).toEqual(['confirmed']);
  });
});

describe('an INVITE that names a call', () => {
  const bindings = new Bindings(() => 0);
  for (const it of [bob, carol, sharer, stranger]) bindings.save(it);
  const dialog = 'talk;to-tag=carols;from-tag=bobs';

  function route(more: Record<string, string>, caller = sharer, isPrivate = false) {
    calls.answered(invite, bob, carol, answer(200));
    const request = message('INVITE', '<sip:5031@pbx>;tag=x', '<sip:5041@pbx>', more);
    const found = routeToNamed(request, caller, { bindings, calls, isPrivate: () => isPrivate });
    if (!found || 'status' in found) return found?.status ?? null;
    return [found.targets.map(({ extension }) => extension), header(found.invite, 'Join')];
  }

  it('to take it over goes to the far end', () => {
    expect(route({ Replaces: dialog })).toEqual([['5061'], undefined]);
    expect(route({ Replaces: `${dialog};early-only` }, stranger)).toEqual([['5061'], undefined]);
  });

  it('to join it goes to the colleague, in whose words the dialog is named then', () => {
    expect(route({ Join: dialog })).toEqual([['5041'], 'talk;to-tag=bobs;from-tag=carols']);
  });

  it.each([
    ['nothing of the kind', {}, null],
    ['something else', { Replaces: 'other;to-tag=carols;from-tag=bobs' }, 481],
    ['no dialog at all', { Replaces: 'talk' }, 400],
    ['two at once', { Replaces: dialog, Join: dialog }, 400],
  ])('names %s', (_what, more, expected) => {
    expect(route(more)).toBe(expected);
  });

  it('is refused where it is private, and where the line is not the caller’s', () => {
    expect(route({ Replaces: dialog }, sharer, true)).toBe(403);
    expect(route({ Join: dialog }, sharer, true)).toBe(403);
    expect(route({ Join: dialog }, stranger)).toBe(403);
  });
});
