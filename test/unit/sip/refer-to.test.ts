import { describe, expect, it } from 'vitest';
import { readReferTo, referToDialog } from '../../../electron/sip/referral/refer-to.ts';

const read = (...values: string[]) => {
  const result = readReferTo(values);
  return result.ok ? result.to : result.statusCode;
};
const place = { headers: [], party: { number: '5061', name: null } };

describe('Refer-To (RFC 3515)', () => {
  it.each([
    ['<sip:5061@pbx>', 'sip:5061@pbx'],
    ['sip:5061@pbx:6060', 'sip:5061@pbx:6060'],
    ['<SIPS:5061@pbx;transport=tcp>', 'SIPS:5061@pbx;transport=tcp'],
    ['<sip:5061@pbx;method=INVITE>', 'sip:5061@pbx'],
    ['<sip:5061@pbx;method=invite;user=phone>', 'sip:5061@pbx;user=phone'],
  ])('%s', (value, uri) => {
    expect(read(value)).toEqual({ ...place, uri });
  });

  it('names who is there', () => {
    expect(read('"Carol, desk" <sip:5061@pbx>')).toMatchObject({
      party: { number: '5061', name: 'Carol, desk' },
    });
    expect(read('<sip:voicemail.example>')).toMatchObject({ party: { number: 'voicemail.example' } });
  });

  it('brings the dialog to replace, written anew, and what that requires', () => {
    const replaces = 'Replaces=abc%40host%3Bto-tag%3D1%3Bfrom-tag%3D2';
    expect(read(`<sip:5061@pbx?${replaces}>`)).toMatchObject({
      uri: 'sip:5061@pbx',
      headers: ['Replaces: abc@host;to-tag=1;from-tag=2'],
    });
    expect(read(`<sip:5061@pbx?Require=replaces&${replaces}%3Bearly-only>`)).toMatchObject({
      headers: ['Replaces: abc@host;to-tag=1;from-tag=2;early-only', 'Require: replaces'],
    });
  });

  it('sends on no other headers, and no line ends', () => {
    expect(read('<sip:5061@pbx?Subject=hi&Route=%3Csip:evil%3E&From=me>')).toEqual({
      ...place,
      uri: 'sip:5061@pbx',
    });
    const injected = 'Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2%3Bx%3D%22%0d%0aRoute:%20%3Csip:evil%3E%22';
    expect(read(`<sip:5061@pbx?${injected}>`)).toMatchObject({
      headers: ['Replaces: a;to-tag=1;from-tag=2'],
    });
  });

  it.each([
    [400, []],
    [400, ['<sip:1@pbx>', '<sip:2@pbx>']],
    [400, ['<sip:1@pbx>, <sip:2@pbx>']],
    [400, ['<sip:5061@pbx?Replaces=abc>']],
    [400, ['<sip:5061@pbx?Replaces=%ff>']],
    [400, ['<sip:50%0d%0a61@pbx>']],
    [400, ['<sip:50 61@pbx>']],
    [400, ['<sip:@>']],
    [416, ['<tel:+15551234>']],
    [416, ['<http://pbx/>']],
    [403, ['<sip:5061@pbx;method=BYE>']],
  ] as const)('%i for %j', (status, values) => {
    expect(read(...values)).toBe(status);
  });

  it('names our dialog as its far end has it, escaped', () => {
    const identifiers = { callId: 'a"b+c@h', localTag: 'ours', remoteTag: 'theirs' };
    expect(referToDialog('sip:5061@192.0.2.7:5070;transport=tcp?x=y', identifiers)).toBe(
      '<sip:5061@192.0.2.7:5070;transport=tcp?Replaces=a%22b%2Bc%40h%3Bto-tag%3Dtheirs%3Bfrom-tag%3Dours>',
    );
    expect(read(referToDialog('sip:5061@h', identifiers))).toMatchObject({
      headers: ['Replaces: a"b+c@h;to-tag=theirs;from-tag=ours'],
    });
  });
});
