import { describe, expect, it } from 'vitest';
import { createRequest, headerValues } from '../../../electron/sip/message/message.ts';
import { forStrictRouter, nextHop } from '../../../electron/sip/pbx/routing.ts';

const bye = (...routes: string[]) =>
  createRequest('BYE', 'sip:far@192.0.2.9', [
    { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.4;branch=z9hG4bK-1' },
    ...routes.map((value) => ({ name: 'Route', value })),
    { name: 'CSeq', value: '2 BYE' },
  ]);

describe('the way of a request', () => {
  it('goes to its Request-URI without a Route', () => {
    expect(nextHop(bye())).toEqual({ host: '192.0.2.9', port: 5060 });
  });

  it('goes to the first Route, and leaves a loose router the Request-URI', () => {
    const request = bye('<sip:192.0.2.1:5070;lr>, <sip:192.0.2.2;lr>');
    expect(nextHop(request)).toEqual({ host: '192.0.2.1', port: 5070 });
    expect(forStrictRouter(request)).toBe(request);
  });

  it.each([
    ['sip:192.0.2.1', 'udp', { port: 5060 }],
    ['sip:192.0.2.1', 'tcp', { port: 5060, transport: 'tcp' }],
    ['sip:192.0.2.1', 'tls', { port: 5061, transport: 'tls' }],
    ['sip:192.0.2.1;transport=TCP', 'udp', { port: 5060, transport: 'tcp' }],
    ['sip:192.0.2.1:5070;transport=udp', 'tls', { port: 5070 }],
    ['sip:192.0.2.1;transport=tls', 'udp', { port: 5061, transport: 'tls' }],
    ['sips:192.0.2.1', 'udp', { port: 5061, transport: 'tls' }],
    ['sip:192.0.2.1;transport=sctp', 'udp', { port: 5060 }],
  ] as const)('by %s, where %s is usual, is over what that says', (route, usual, way) => {
    expect(nextHop(bye(`<${route};lr>`), usual)).toEqual({ host: '192.0.2.1', ...way });
  });

  it('goes to the machine that a URI names beside its host', () => {
    expect(nextHop(bye('<sip:proxy.example;maddr=192.0.2.1;lr>'))).toEqual({ host: '192.0.2.1', port: 5060 });
  });

  it('gives a strict router its own URI, and the far end the last Route (RFC 3261, 12.2.1.1)', () => {
    const request = forStrictRouter(bye('<sip:old@192.0.2.1:5070>', '<sip:192.0.2.2;lr>'));
    expect(request.uri).toBe('sip:old@192.0.2.1:5070');
    expect(headerValues(request, 'Route')).toEqual(['<sip:192.0.2.2;lr>', '<sip:far@192.0.2.9>']);
    expect(request.headers.map(({ name }) => name)).toEqual(['Via', 'Route', 'Route', 'CSeq']);
  });
});
