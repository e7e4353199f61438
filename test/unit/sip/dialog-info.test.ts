import { describe, expect, it } from 'vitest';
import type { PlacedDialog } from '../../../electron/phone/lines/dialog.ts';
import {
  type DialogInfo,
  readDialogInfo,
  writeDialogInfo,
} from '../../../electron/sip/shared-line/dialog-info.ts';
import { captureBody } from './captures.ts';

const domain = { host: '192.168.0.1', port: 6060 };
const fullBody = captureBody('spa9000-03-notify-full-station-to-sa', '\r\n');
const tryingBody = captureBody('spa9000-05-notify-seize-trying-station-to-sa.partial', '\r\n');

const userA = { number: '5031', name: 'User-A', uri: 'sip:5031@192.168.0.1:6060' };
const trying: PlacedDialog = {
  appearance: 0,
  dialog: {
    id: '201',
    direction: 'initiator',
    state: 'trying',
    held: false,
    exclusive: false,
    local: userA,
    remote: null,
  },
};
const full: DialogInfo = { state: 'full', version: 0, entity: 'sip:5031@192.168.0.1:6060', dialogs: [] };

const read = (xml: string): DialogInfo => {
  const result = readDialogInfo(xml);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};

describe('writing dialog-info', () => {
  it('writes the captured full body byte for byte, 155 bytes', () => {
    const written = writeDialogInfo(full, { domain });
    expect(written).toBe(fullBody);
    expect(Buffer.byteLength(written)).toBe(155);
  });

  it('writes the captured seize byte for byte', () => {
    expect(writeDialogInfo({ ...full, state: 'partial', dialogs: [trying] }, { domain })).toBe(tryingBody);
  });

  it('writes with LF what the PBX fans out, 397 bytes', () => {
    const info: DialogInfo = {
      state: 'partial',
      version: 31,
      entity: 'sip:sa@192.168.0.1:6060',
      dialogs: [trying],
    };
    const written = writeDialogInfo(info, { domain, newline: '\n' });
    expect(Buffer.byteLength(written)).toBe(397);
    expect(read(written)).toEqual(info);
  });

  it('reads back what it writes, whatever the names hold', () => {
    const dialogs: PlacedDialog[] = [
      {
        appearance: 3,
        dialog: {
          id: 'a<"&\'>',
          direction: 'recipient',
          state: 'confirmed',
          held: true,
          exclusive: true,
          local: { number: '5031', name: `Zoë "Zed" <&'> O'Hara`, uri: 'sip:5031@192.168.0.1:6060' },
          remote: { number: '+49 30', name: null, uri: 'sip:+49%2030@192.168.0.1:6060' },
          identifiers: { callId: 'a<b>&"c"@h', localTag: '1', remoteTag: "2'" },
          duration: 17,
        },
      },
    ];
    const info: DialogInfo = { ...full, state: 'partial', dialogs };
    expect(read(writeDialogInfo(info, { domain }))).toEqual(info);
  });
});

describe('reading dialog-info', () => {
  it('reads the fan-out with its entity without a scheme', () => {
    const body = captureBody('spa9000-07-notify-seize-fanout-pbx-to-station', '\n');
    expect(body).toContain('entity="sa@192.168.0.1:6060"');
    expect(read(body)).toEqual({
      state: 'partial',
      version: 31,
      entity: 'sip:sa@192.168.0.1:6060',
      dialogs: [trying],
    });
  });

  it('reads the same from LF and CRLF, pvalue and pval, any namespace prefix', () => {
    const variants = [
      tryingBody,
      tryingBody.replaceAll('\r\n', '\n'),
      tryingBody.replace('pvalue=', 'pval='),
      tryingBody.replace('xmlns=', 'xmlns:d=').replace(/<(\/?)([a-z])/g, '<$1d:$2'),
      tryingBody.replace('>sip:5031@', '>5031@'),
      `\r\n${tryingBody}\r\n`,
    ];
    for (const variant of variants) expect(read(variant).dialogs).toEqual([trying]);
  });

  it('reads a held call of another vendor: pval, identities without sip:', () => {
    const [placed] = read(captureBody('bla-dialog-info-confirmed-held-sipxecs-test.body', '\n')).dialogs;
    expect(placed).toMatchObject({
      appearance: 0,
      dialog: { state: 'confirmed', held: true, direction: 'recipient', local: { number: 'moh' } },
    });
    expect(placed?.dialog.local?.uri).toBe('sip:moh@10.1.1.26:5120');
    expect(placed?.dialog.remote).toEqual({ number: '4444', name: null, uri: 'sip:4444@10.1.1.153' });
    expect(placed?.dialog.identifiers).toEqual({
      callId: 'call-1116603513-890@10.1.1.153',
      localTag: '264460498',
      remoteTag: '1c10982',
    });
  });

  it('reads a terminated one with attributes over several lines', () => {
    const info = read(captureBody('bla-dialog-info-terminated-sipit.body', '\r\n'));
    expect(info.dialogs[0]?.dialog).toMatchObject({ id: '(null)', state: 'terminated', held: false });
  });

  it('reads several dialogs, and takes one without x-line-id for appearance 0', () => {
    const one = '<dialog id="1"><state>early</state></dialog>';
    const two =
      '<dialog id="2" direction="recipient"><local><target uri="sip:x@y"><param pname="x-line-id" pval="2"/></target></local><state event="local-bye">terminated</state></dialog>';
    const info = read(`<dialog-info state="full" version="7" entity="sip:a@b">${one}${two}</dialog-info>`);
    expect(info.dialogs.map(({ appearance, dialog }) => [appearance, dialog.id, dialog.state])).toEqual([
      [0, '1', 'early'],
      [2, '2', 'terminated'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no XML', 'Messages-Waiting: yes'],
    ['cut off', tryingBody.slice(0, 300)],
    ['another document', '<spa-status/>'],
    ['an unknown state', tryingBody.replace('trying', 'dreaming')],
    ['no state', '<dialog-info state="partial"><dialog id="1"/></dialog-info>'],
    ['a DTD', `<!DOCTYPE a [<!ENTITY b "c">]>${fullBody.slice(23)}`],
    ['expanding entities', '<!ENTITY lol "lol"><dialog-info state="full"/>'],
    ['NUL bytes', '\0\0\0'],
    ['prototype names', '<dialog-info state="full" __proto__="x"><constructor/>'],
    ['unclosed comment', '<dialog-info state="full"><!-- '],
  ])('says what is wrong with %s, and does not throw', (_name, xml) => {
    const result = readDialogInfo(xml);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.problem.length).toBeGreaterThan(5);
  });

  it('leaves out what has no appearance number, when asked to', () => {
    const dialogs = '<dialog id="1"><state>early</state></dialog>';
    const result = readDialogInfo(`<dialog-info state="full">${dialogs}</dialog-info>`, 'none');
    expect(result).toMatchObject({ ok: true, value: { dialogs: [] } });
  });
});
