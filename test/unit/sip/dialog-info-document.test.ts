import { describe, expect, it } from 'vitest';
import {
  type DialogInfoDocument,
  type NumberedDialog,
  readDialogInfoDocument,
} from '../../../electron/sip/shared-line/dialog-info-document.ts';

const namespace = 'urn:ietf:params:xml:ns:dialog-info';
const shared = 'urn:ietf:params:xml:ns:sa-dialog-info';

const read = (body: string | Buffer): DialogInfoDocument => {
  const result = readDialogInfoDocument(body);
  if (!result.ok) throw new Error(result.problem);
  return result.document;
};
const problem = (body: string | Buffer): string => {
  const result = readDialogInfoDocument(body);
  return result.ok ? '' : result.problem;
};
const inDocument = (dialogs: string, namespaces = `xmlns="${namespace}" xmlns:sa="${shared}"`): string =>
  `<?xml version="1.0"?>\n<dialog-info ${namespaces} version="1" state="partial" entity="sip:5041@h">${dialogs}</dialog-info>`;
const one = (body: string): NumberedDialog => {
  const [dialog, ...others] = read(body).dialogs;
  if (!dialog || others.length > 0) throw new Error('not one dialog');
  return dialog;
};
const state = '<state>confirmed</state>';

/** The order and the elements of RFC 4235's schema, with RFC 7463's. */
const everything = inDocument(`
  <dialog id="as7d900as8" call-id="a84b4c76e66710" local-tag="1928301774" remote-tag="456887766" direction="initiator">
    <sa:appearance>2</sa:appearance>
    <sa:exclusive>true</sa:exclusive>
    <sa:joined-dialog call-id="14-1541707345@64.91.104.249" local-tag="01861125" remote-tag="0681"/>
    <state event="replaced" code="487">confirmed</state>
    <duration> 274 </duration>
    <replaces call-id="x" local-tag="y" remote-tag="z"/>
    <referred-by display="Bob">sip:bob@h</referred-by>
    <local>
      <identity display="Alice">sip:alice@h</identity>
      <target uri="sip:alice@pc33.h;transport=udp"><param pname="sip.rendering" pval="NO"/></target>
      <session-description type="application/sdp">v=0</session-description>
      <cseq>10</cseq>
    </local>
    <remote><identity>sip:bob@h</identity><target uri="sip:bob@phone21.h"/></remote>
  </dialog>`);

describe('a dialog-info document', () => {
  it('is read with all that RFC 4235 and RFC 7463 tell of a dialog', () => {
    expect(one(everything)).toEqual({
      number: 2,
      event: 'replaced',
      code: 487,
      dialog: {
        id: 'as7d900as8',
        direction: 'initiator',
        state: 'confirmed',
        held: true,
        exclusive: true,
        local: { number: 'alice', name: 'Alice', uri: 'sip:alice@pc33.h;transport=udp' },
        remote: { number: 'bob', name: null, uri: 'sip:bob@phone21.h' },
        identifiers: { callId: 'a84b4c76e66710', localTag: '1928301774', remoteTag: '456887766' },
        duration: 274,
        joined: true,
      },
    });
  });

  it('says nothing of what it was not told', () => {
    expect(one(inDocument(`<dialog id="1">${state}</dialog>`))).toEqual({
      number: null,
      event: null,
      code: null,
      dialog: {
        id: '1',
        direction: 'initiator',
        state: 'confirmed',
        held: false,
        exclusive: false,
        local: null,
        remote: null,
      },
    });
  });

  it.each([
    ['no remote tag', '<dialog id="1" call-id="c" local-tag="l">'],
    ['an empty tag', '<dialog id="1" call-id="c" local-tag="l" remote-tag=" ">'],
  ])('has no name with %s', (_name, start) => {
    expect(one(inDocument(`${start}${state}</dialog>`)).dialog.identifiers).toBeUndefined();
  });

  it.each([
    ['a number', '7', 7],
    ['a word', 'soon', null],
    ['a negative number', '-1', null],
    ['a fraction', '1.5', null],
    ['a number past all sense', '9'.repeat(40), null],
  ])('reads %s', (_name, text, expected) => {
    const numbers = one(
      inDocument(
        `<dialog id="1"><sa:appearance>${text}</sa:appearance><duration>${text}</duration><state code="${text}">early</state></dialog>`,
      ),
    );
    expect([numbers.number, numbers.code, numbers.dialog.duration ?? null]).toEqual([
      expected,
      expected,
      expected,
    ]);
  });

  it('takes x-line-id before RFC 7463 and the first of two', () => {
    const param = (value: string): string => `<param pname="X-Line-Id" pval="${value}"/>`;
    const both = `<dialog id="1"><sa:appearance>4</sa:appearance>${state}<local><target uri="sip:a@h">${param('3')}${param('5')}</target></local></dialog>`;
    expect(one(inDocument(both)).number).toBe(3);
  });
});

describe('namespaces', () => {
  const dialog = `<dialog id="1"><exclusive>true</exclusive>${state}</dialog>`;

  it.each([
    ['as the default', inDocument(dialog)],
    ['under a prefix', inDocument(dialog, `xmlns:d="${namespace}"`).replaceAll(/<(\/?)(?=[a-z])/g, '<$1d:')],
    ['absent', inDocument(dialog, '')],
    ['another one', inDocument(dialog, 'xmlns="urn:ietf:params:xml:ns:dialoginfo"')],
    [
      'another one, but right below it',
      inDocument(dialog.replace('<dialog ', `<dialog xmlns="${namespace}" `), 'xmlns="urn:x"'),
    ],
  ])('dialog-info %s', (_name, body) => {
    expect(one(body)).toMatchObject({ number: null, dialog: { exclusive: true, state: 'confirmed' } });
  });

  it('passes over elements and attributes of other namespaces', () => {
    const body = inDocument(
      '<x:dialog id="0"><x:state>early</x:state></x:dialog>' +
        '<dialog x:id="2" id="1" x:call-id="c" x:local-tag="l" x:remote-tag="r">' +
        '<x:state>terminated</x:state><x:exclusive>true</x:exclusive><appearance>3</appearance><joined-dialog/>' +
        `<x:local><identity>sip:x@h</identity></x:local>${state}</dialog>`,
      `xmlns="${namespace}" xmlns:x="urn:vendor"`,
    );
    const { number, dialog } = one(body);
    expect([number, dialog.id, dialog.state]).toEqual([null, '1', 'confirmed']);
    expect([dialog.exclusive, dialog.local, dialog.identifiers, dialog.joined]).toEqual([
      false,
      null,
      undefined,
      undefined,
    ]);
  });

  it('knows the shared appearances of RFC 7463 under any prefix, and as a default namespace', () => {
    expect(one(everything.replaceAll('sa:', 'q:').replace('xmlns:sa', 'xmlns:q')).number).toBe(2);
    const local = `<dialog id="1"><appearance xmlns="${shared}">1</appearance>${state}</dialog>`;
    expect(one(inDocument(local, `xmlns="${namespace}"`)).number).toBe(1);
  });

  it('refuses a prefix that nobody declared', () => {
    expect(problem(inDocument('<sa:dialog/>', ''))).toMatch(/not XML.*sa/);
  });
});

describe('XML', () => {
  it('is read with comments, processing instructions, CDATA and the entities of XML itself', () => {
    const body = inDocument(
      `<!-- <dialog id="0"/> --><?vendor <dialog id="0"?><dialog id="&lt;&#x31;&gt;">` +
        '<state><![CDATA[con]]>firm<!-- -->ed</state>' +
        '<remote><identity display="&quot;A&amp;B&quot;">sip:&#53;1@h</identity></remote></dialog>',
    );
    const { dialog } = one(`${body}<!-- after --><?vendor?>`);
    expect([dialog.id, dialog.state]).toEqual(['<1>', 'confirmed']);
    expect(dialog.remote).toMatchObject({ number: '51', name: '"A&B"' });
  });

  it.each(['utf-8', 'UTF-8', 'us-ascii', 'iso-8859-1', 'windows-1252'])(
    'whose encoding is said to be %s is read as its bytes are: UTF-8, else Latin-1',
    (encoding) => {
      const body = inDocument(
        `<dialog id="1">${state}<remote><identity display="Zoë">sip:1@h</identity></remote></dialog>`,
      ).replace('?>', ` encoding="${encoding}"?>`);
      const named = [Buffer.from(body), Buffer.from(body, 'latin1')].map(
        (bytes) => read(bytes).dialogs[0]?.dialog.remote?.name,
      );
      expect(named).toEqual(['Zoë', 'Zoë']);
    },
  );

  it('is read with a byte order mark', () => {
    expect(read(Buffer.from(`\ufeff${everything}`))).toEqual(read(everything));
  });

  it('is refused in UTF-16', () => {
    expect(problem(Buffer.from(`\ufeff${everything}`, 'utf16le'))).toMatch(/not XML/);
  });

  it('is refused when it is cut off, wherever that is', () => {
    const whole = everything.trimEnd();
    for (let length = 0; length < whole.length; length += 1) {
      expect(readDialogInfoDocument(whole.slice(0, length)).ok).toBe(false);
    }
  });

  const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`);
  it.each([
    [
      'billion laughs',
      `<!DOCTYPE l [<!ENTITY l0 "lol">${laughs.join('')}]><dialog-info state="full">&l9;</dialog-info>`,
      /DTD/,
    ],
    [
      'an external DTD',
      '<!DOCTYPE dialog-info SYSTEM "file:///etc/passwd"><dialog-info state="full"/>',
      /DTD/,
    ],
    ['an entity of no DTD', '<dialog-info state="full">&nbsp;</dialog-info>', /entity/],
    ['a NUL by number', '<dialog-info state="full">&#0;</dialog-info>', /not XML/],
    ['two roots', '<dialog-info state="full"/><dialog-info state="full"/>', /not XML/],
    ['text behind the root', '<dialog-info state="full"/>x', /not XML/],
    ['two attributes of one name', '<dialog-info state="full" state="full"/>', /not XML.*duplicate/],
    ['an attribute without quotes', '<dialog-info state=full/>', /not XML/],
  ])('is refused with %s', (_name, body, expected) => {
    expect(problem(body)).toMatch(expected);
  });
});

describe('limits', () => {
  const dialogs = (count: number): string => inDocument(`<dialog id="1">${state}</dialog>`.repeat(count));
  const attributes = (count: number): string =>
    inDocument(
      `<dialog ${Array.from({ length: count }, (_, at) => `a${at}="1"`).join(' ')}>${state}</dialog>`,
    );
  const depth = (count: number): string =>
    inDocument(`${'<x>'.repeat(count)}${'</x>'.repeat(count)}<dialog id="1">${state}</dialog>`);
  const bytes = (count: number): string => inDocument('').padEnd(count);

  it.each([
    ['128 dialogs', dialogs(128), dialogs(129), /128 dialogs/],
    ['16 attributes', attributes(16), attributes(17), /16 attributes/],
    ['16 elements deep', depth(15), depth(16), /deeper than 16/],
    ['65,535 bytes', bytes(65_535), bytes(65_536), /larger than 65535 bytes/],
    ['2,048 elements', inDocument('<x/>'.repeat(2_047)), inDocument('<x/>'.repeat(2_048)), /2048 elements/],
  ])('takes %s and no more', (_name, allowed, tooMuch, expected) => {
    expect(problem(allowed)).toBe('');
    expect(problem(tooMuch)).toMatch(expected);
  });

  it('counts bytes, not characters', () => {
    expect(problem(inDocument(`<!--${'ë'.repeat(40_000)}-->`))).toMatch(/larger/);
  });

  it.each([
    ['10 MB', Buffer.alloc(10 * 2 ** 20, '<dialog-info state="full">')],
    ['10,000 elements deep', '<x>'.repeat(10_000)],
    ['one attribute of 60 kB', `<dialog-info state="full" entity="${'a'.repeat(60_000)}"><`],
    ['8,000 attributes', `<dialog-info ${Array.from({ length: 8_000 }, (_, at) => `a${at}=""`).join(' ')}/>`],
    ['a start tag without end', `<dialog-info ${' '.repeat(60_000)}`],
    ['a name of 60 kB', `<${'a'.repeat(60_000)}`],
    ['a DTD without end', `<!DOCTYPE ${'['.repeat(60_000)}`],
    ['a comment of dashes', `<!--${'- '.repeat(30_000)}`],
    ['a CDATA section of brackets', `<dialog-info state="full"><![CDATA[${']'.repeat(60_000)}`],
    ['16,000 ampersands', `<dialog-info state="full">${'&amp'.repeat(15_000)}`],
  ])('refuses %s', (_name, body) => {
    expect(problem(body)).not.toBe('');
  });
});
