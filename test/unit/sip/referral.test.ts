import { describe, expect, it } from 'vitest';
import {
  type Referral,
  type ReferralEvent,
  type ReferralNews,
  readReferralNotice,
  referralAfter,
} from '../../../electron/sip/referral/referral.ts';

const answered = (status: number, phrase = ''): ReferralEvent => ({ type: 'answered', status, phrase });
const notified = (body: string, state = 'active;expires=60'): ReferralEvent => ({
  type: 'notified',
  ...readReferralNotice(state, body),
});
const waited: ReferralEvent = { type: 'waited' };

/** What is told, event by event; each with the second at which it comes. */
function told(...events: (readonly [number, ReferralEvent])[]): string[] {
  let state: Referral = { phase: 'asked' };
  const news: ReferralNews[] = [];
  for (const [second, event] of events) {
    const step = referralAfter(state, event, second * 1000);
    state = step.state;
    news.push(...step.news);
  }
  return news.map((each) =>
    each.type === 'transfer-failed' ? `${each.reason.code} ${each.reason.params?.status}` : each.type,
  );
}

describe('a REFER of ours', () => {
  it('is accepted, and has its outcome by NOTIFY', () => {
    const start = [
      [0, answered(202)],
      [0, notified('SIP/2.0 100 Trying')],
    ] as const;
    expect(
      told(...start, [2, notified('SIP/2.0 180 Ringing')], [5, notified('SIP/2.0 200 OK', 'terminated')]),
    ).toEqual(['transfer-accepted', 'transferred']);
    expect(told(...start, [5, notified('SIP/2.0 486 Busy Here', 'terminated;reason=noresource')])).toEqual([
      'transfer-accepted',
      'transfer-failed 486',
    ]);
    expect(told(...start, [1, notified('SIP/2.0 302 Moved')])).toContain('transfer-failed 302');
  });

  it('may have its NOTIFYs before its answer, and its outcome once', () => {
    expect(told([0, notified('SIP/2.0 100 Trying')], [1, answered(202)])).toEqual(['transfer-accepted']);
    expect(
      told(
        [0, notified('SIP/2.0 200 OK')],
        [1, answered(202)],
        [2, notified('SIP/2.0 503 Late')],
        [99, waited],
      ),
    ).toEqual(['transferred']);
  });

  it.each([301, 403, 408, 481, 501, 603])('is refused with %i', (status) => {
    expect(told([0, answered(status)])).toEqual([`transfer-refused ${status}`]);
  });

  it('is given up after half a minute in which nothing is heard', () => {
    expect(told([0, answered(202)], [29, waited])).toEqual(['transfer-accepted']);
    expect(told([0, answered(202)], [30, waited])).toEqual(['transfer-accepted', 'transfer-failed 408']);
  });

  it('may ring for as long as its subscription says, three minutes at most', () => {
    const ringing = (state: string) =>
      [
        [0, answered(202)],
        [1, notified('SIP/2.0 180 Ringing', state)],
      ] as const;
    expect(told(...ringing('active;expires=90'), [90, waited])).toEqual(['transfer-accepted']);
    expect(told(...ringing('active;expires=90'), [91, waited])).toContain('transfer-failed 408');
    expect(told(...ringing('active'), [61, waited])).toContain('transfer-failed 408');
    expect(told(...ringing('active;expires=9999'), [181, waited])).toContain('transfer-failed 408');
    expect(told(...ringing('active;expires=1'), [20, waited])).toEqual(['transfer-accepted']);
  });

  it('fails when its user there rejects it; one whose subscription ends otherwise has ten seconds more', () => {
    expect(told([0, notified('', 'terminated;reason=rejected')])).toEqual(['transfer-failed 603']);
    const ended = [
      [0, answered(202)],
      [1, notified('SIP/2.0 100 Trying', 'terminated;reason=timeout')],
    ] as const;
    expect(told(...ended, [10, waited])).toEqual(['transfer-accepted']);
    expect(told(...ended, [11, waited])).toContain('transfer-failed 408');
  });

  it.each([
    ['SIP/2.0 200 OK\r\nContact: <sip:x@y>\r\n', { status: 200, phrase: 'OK' }],
    ['sip/2.0 486 Busy Here', { status: 486, phrase: 'Busy Here' }],
    ['SIP/2.0 603', { status: 603, phrase: '' }],
    ['hello', { status: null, phrase: '' }],
    ['', { status: null, phrase: '' }],
  ])('reads the status line of %j', (body, read) => {
    expect(readReferralNotice('terminated;reason=NoResource;expires=5', body)).toEqual({
      ...read,
      terminated: true,
      why: 'noresource',
      expires: 5,
    });
  });
});
