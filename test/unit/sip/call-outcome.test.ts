import { describe, expect, it } from 'vitest';
import { NegotiationError } from '../../../electron/phone/negotiation.ts';
import {
  callerOf,
  cancelReason,
  inviteRefusal,
  mediaReason,
} from '../../../electron/sip/calls/call-outcome.ts';

const caller = (headers: Record<string, string>): unknown => callerOf((name) => headers[name]);

describe('why a call did not come about', () => {
  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [404, 'not-found'],
    [484, 'not-found'],
    [408, 'no-answer'],
    [480, 'unavailable'],
    [488, 'not-acceptable'],
    [403, 'call-refused'],
    [302, 'call-refused'],
    [500, 'call-refused'],
  ])('%i is %s, with status and phrase', (status, code) => {
    expect(inviteRefusal('call', status, 'Phrase')).toEqual({ code, params: { status, phrase: 'Phrase' } });
  });

  it.each([
    [403, 'Forbidden'],
    [488, 'Not Acceptable Here'],
    [499, 'Bad Request'],
    [699, 'Busy Everywhere'],
  ])('%i without a phrase is named all the same: %s', (status, phrase) => {
    expect(inviteRefusal('call', status, '').params).toEqual({ status, phrase });
  });

  it.each([
    [['SIP;cause=200;text="Call completed elsewhere"'], 'answered-elsewhere'],
    [['Q.850;cause=26, SIP ;cause=200'], 'answered-elsewhere'],
    [['SIP;cause=600'], undefined],
    [['Q.850;cause=200'], undefined],
    [[], undefined],
  ])('a CANCEL with %j means %s', (values, code) => {
    expect(cancelReason(values)?.code).toBe(code);
  });

  it('tells the far end from our own side when sound fails', () => {
    expect(mediaReason(new NegotiationError('no-codec', 'no codec')).code).toBe('not-acceptable');
    expect(mediaReason(new Error('EADDRINUSE')).code).toBe('media-failed');
  });
});

describe('who calls', () => {
  it('believes the PBX first', () => {
    const From = '"Liar" <sip:1@h>;tag=2';
    expect(caller({ From })).toEqual({ number: '1', name: 'Liar' });
    expect(caller({ From, 'Remote-Party-ID': 'Bob <sip:2@h>;party=calling' })).toEqual({
      number: '2',
      name: 'Bob',
    });
    expect(
      caller({
        From,
        'P-Asserted-Identity': '"Ann, Dr." <sip:3@h>, <tel:+493>',
        'Remote-Party-ID': '<sip:2@h>',
      }),
    ).toEqual({ number: '3', name: 'Ann, Dr.' });
    expect(caller({ From, 'P-Asserted-Identity': '<tel:+49301;phone-context=x>' })).toEqual({
      number: '+49301',
      name: null,
    });
  });

  it('knows no name where a Sipura phone writes (null), and survives nonsense', () => {
    expect(caller({ From: '"(null)" <sip:5678@h>;tag=1' })).toEqual({ number: '5678', name: null });
    expect(caller({ From: '<sip:h>' })).toEqual({ number: 'h', name: null });
    expect(caller({ From: '<<<' })).toEqual({ number: 'anonymous', name: null });
    expect(caller({})).toEqual({ number: 'anonymous', name: null });
  });
});
