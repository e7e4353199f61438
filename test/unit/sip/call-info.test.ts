import { describe, expect, it } from 'vitest';
import { dialogOf, readCallInfo, writeCallInfo } from '../../../electron/sip/shared-line/call-info.ts';

describe('Call-Info', () => {
  it('counts appearances from 1 on the wire, from 0 here', () => {
    expect(readCallInfo(['<sip:pbx>;appearance-index=1;appearance-state=seized'])).toEqual([
      { appearance: 0, state: 'seized', remote: null },
    ]);
    expect(writeCallInfo('192.168.0.1', 0)).toBe('<sip:192.168.0.1>;appearance-index=1');
    expect(writeCallInfo('::1', 2)).toBe('<sip:[::1]>;appearance-index=3');
  });

  it('tells several appearances in one header, with quoted addresses, and the rest', () => {
    const value =
      '<sip:pbx>;appearance-index=2;appearance-state=active;appearance-uri="\\"Doe, Jane\\" <sip:5051@pbx:6060>",' +
      '<sip:pbx>;appearance-index=*;appearance-state=idle';
    expect(readCallInfo([value])).toEqual([
      { appearance: 1, state: 'active', remote: { number: '5051', name: 'Doe, Jane' } },
      { appearance: 'rest', state: 'idle', remote: null },
    ]);
  });

  it('may come without the colon before the port (Kamailio)', () => {
    const value =
      '<sip:pbx>;appearance-index=1;appearance-state=held;appearance-uri="<sip:5051@127.0.0.124640>"';
    expect(readCallInfo([value])[0]?.remote?.number).toBe('5051');
  });

  it.each([
    '<http://pbx/photo.jpg>;purpose=icon',
    '<sip:pbx>;appearance-index=0',
    '<sip:pbx>;appearance-index=x',
    '',
    '<',
  ])('about something else is passed over: %s', (value) => {
    expect(readCallInfo([value])).toEqual([]);
  });

  it.each([
    ['idle', 'terminated', false, false],
    ['seized', 'trying', false, false],
    ['progressing', 'proceeding', false, false],
    ['alerting', 'early', false, false],
    ['active', 'confirmed', false, false],
    ['held', 'confirmed', true, false],
    ['held-private', 'confirmed', true, true],
  ] as const)('%s is a dialog %s', (state, dialogState, held, exclusive) => {
    const { dialog } = dialogOf(0, state, null);
    expect(dialog).toMatchObject({ state: dialogState, held, exclusive });
    expect(dialog.direction).toBe(state === 'alerting' ? 'recipient' : 'initiator');
  });
});
