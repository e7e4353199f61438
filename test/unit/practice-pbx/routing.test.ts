import { describe, expect, it } from 'vitest';
import { type Binding, Bindings } from '../../../electron/practice-pbx/bindings.ts';
import { HouseCalls } from '../../../electron/practice-pbx/house-calls.ts';
import { findRoute } from '../../../electron/practice-pbx/routing.ts';
import { createRequest, type Header } from '../../../electron/sip/message/message.ts';

const place = (port: number) => ({ address: '127.0.0.1', port });
const binding = (registrant: string, extension: string, port: number): Binding => ({
  extension,
  registrant,
  uri: `sip:${extension}@127.0.0.1:${port}`,
  target: place(port),
  source: place(port),
  stationName: null,
  callId: String(port),
  cseq: 1,
  expiresAt: 1,
});

const bindings = new Bindings(() => 0);
for (const it of [
  binding('5031', '5031', 5060),
  binding('5031', '5041', 5061),
  binding('5041', '5041', 5070),
  binding('5051', '5041', 5071),
]) {
  bindings.save(it);
}
const knows = (extension: string): boolean => ['5031', '5041', '5061'].includes(extension);

function route(uri: string, from: number, headers: Header[] = [{ name: 'To', value: '<sip:x@pbx>' }]) {
  const caller = bindings.at(place(from));
  if (!caller) throw new Error(`nobody is registered at ${from}`);
  const calls = new HouseCalls(() => {});
  const options = { bindings, knows, calls, isPrivate: () => false };
  const found = findRoute(createRequest('INVITE', uri, headers), caller, options);
  return 'status' in found ? found.status : found.targets.map((it) => it.target.port);
}

describe('routing', () => {
  it.each([
    ['all contacts of the extension', 'sip:5031@pbx', 5070, [5060]],
    ['not the caller’s own, from the shared extension', 'sip:5041@pbx', 5061, [5070, 5071]],
    ['not the caller’s own, from the primary', 'sip:5041@pbx', 5060, [5070, 5071]],
    ['nobody but the caller', 'sip:5031@pbx', 5061, 480],
    ['an extension without a phone', 'sip:5061@pbx', 5060, 480],
    ['no such extension', 'sip:4711@pbx', 5060, 404],
    ['no extension at all', 'sip:pbx', 5060, 404],
  ])('%s', (_what, uri, from, expected) => {
    expect(route(uri, from)).toEqual(expected);
  });

  it('does not carry a request that has gone in circles', () => {
    const headers = [
      { name: 'To', value: '<sip:5041@pbx>' },
      { name: 'Max-Forwards', value: '0' },
    ];
    expect(route('sip:5041@pbx', 5060, headers)).toBe(483);
  });

  it('has nothing to do with an answered call', () => {
    expect(route('sip:5041@pbx', 5060, [{ name: 'To', value: '<sip:5041@pbx>;tag=x' }])).toBe(481);
  });
});
