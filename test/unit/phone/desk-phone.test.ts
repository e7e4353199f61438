import { describe, expect, it } from 'vitest';
import { commandNames } from '../../../electron/contract/commands.ts';
import type { AppearanceDialog } from '../../../electron/phone/lines/dialog.ts';
import { PhoneUnderTest } from './phone-under-test.ts';

const identifiers = { callId: 'abc@bob', localTag: 'bob', remoteTag: 'carol' };
const held: Partial<AppearanceDialog> = {
  held: true,
  identifiers,
  remote: { number: '5551234', name: 'Carol' },
};
const states = (tested: PhoneUnderTest) => tested.view.lineKeys.map(({ state }) => state);

/** How shared lines behave on good desk phones: the points of that list that the core decides, by their numbers. */
describe('a desk phone’s shared lines', () => {
  describe('1. each key holds two calls', () => {
    it('vertical first: the second call takes the next key', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.ring('s1');
      tested.ring('s2');
      tested.ring('s3');
      expect(tested.view.lineKeys.map(({ calls }) => calls)).toEqual([[], ['s1', 's3'], ['s2']]);
      expect(tested.key(2).appearances.map(({ number }) => number)).toEqual([0, 2]);
    });

    it('horizontal first: the second call stays on the key', () => {
      const tested = PhoneUnderTest.withStation({ lineMapping: 'horizontal' });
      tested.ring('s1');
      tested.ring('s2');
      tested.ring('s3');
      expect(tested.view.lineKeys.map(({ calls }) => calls)).toEqual([[], ['s1', 's2'], ['s3']]);
      expect(tested.key(2).appearances.map(({ number }) => number)).toEqual([0, 1]);
    });

    it('our own held call leaves the key free for a second one, not for a third', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.held(tested.activeCall(2));
      expect(tested.key(2).can.seize).toBe(true);
      tested.command({ name: 'seize', params: { lineKey: 2 } });
      expect(tested.asked()).toEqual(['seize 2/2 trying']);
      expect(tested.key(2)).toMatchObject({ state: 'local-seized', calls: ['c1', 'c2'] });
      tested.take({ type: 'seize-granted', call: 'c2' });
      tested.command({ name: 'dial', params: { lineKey: 2, number: '5051' } });
      tested.take({ type: 'answered', call: 'c2', remote: null });
      tested.held('c2');
      expect(tested.key(2).can.seize).toBe(false);
    });

    it('one, where the profile says so', () => {
      const tested = PhoneUnderTest.withStation({ callsPerKey: 1 });
      tested.held(tested.activeCall(2));
      expect(tested.key(2).can.seize).toBe(false);
      expect(tested.key(3).can.seize).toBe(true);
    });

    it('a PBX that grants another appearance than asked for moves the call to its key', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.command({ name: 'dial', params: { lineKey: 2, number: '5051' } });
      tested.take({ type: 'seize-granted', call: 'c1', appearance: 3 });
      expect(tested.view.lineKeys.map(({ calls }) => calls)).toEqual([[], [], ['c1']]);
      tested.take({ type: 'answered', call: 'c1', remote: null });
      expect(tested.asked()).toEqual(['seize 2/0 trying', 'invite c1 5051', 'publish 2/3 confirmed']);
    });
  });

  it('2. the first extension is the primary and private, shared ones follow; nothing is forwarded from these', () => {
    const tested = PhoneUnderTest.onTheAir();
    expect(tested.view.lineKeys.map(({ extension, shared }) => [extension, shared])).toEqual([
      [1, false],
      [2, true],
      [2, true],
    ]);
    // Nobody is asked for the primary's line, and nobody is told of its calls.
    tested.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    tested.take({ type: 'answered', call: 'c1', remote: null });
    expect(tested.asked()).toEqual(['invite c1 5051']);
    expect(commandNames.filter((name) => /forward/i.test(name))).toEqual([]);
  });

  describe('3. a line busy at a colleague cannot be used until released', () => {
    it.each(['trying', 'early', 'confirmed'] as const)('%s', (state) => {
      const tested = PhoneUnderTest.onTheAir();
      tested.colleague(state, { appearance: 2 });
      expect(tested.key(2).can).toEqual({ seize: false, pickUp: false, bargeIn: false });
      const seize = tested.command({ name: 'seize', params: { lineKey: 2 } });
      expect(tested.refusal(seize)).toBe('line-in-use');
      tested.colleague('terminated', { appearance: 2 });
      expect(tested.key(2).can.seize).toBe(true);
    });

    it('except to pick up a held call', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.colleague('confirmed', held);
      expect(tested.key(2)).toMatchObject({
        can: { seize: false, pickUp: true, bargeIn: false },
        cannot: null,
      });
    });

    it('or to barge in, where the profile allows it and the PBX names the call', () => {
      const [own, shared] = PhoneUnderTest.onTheAir().phone.config.extensions;
      expect([own?.bargeIn, shared?.bargeIn]).toEqual([false, false]);
      const tested = bargingStation();
      tested.colleague('confirmed', { identifiers });
      expect(tested.key(2).can.bargeIn).toBe(true);
      tested.colleague('confirmed');
      expect(tested.key(2)).toMatchObject({ can: { bargeIn: false }, cannot: 'cannot-barge-in' });
      const off = PhoneUnderTest.onTheAir();
      off.colleague('confirmed', { identifiers });
      expect(off.key(2)).toMatchObject({ can: { bargeIn: false }, cannot: 'barge-in-off' });
      expect(off.refusal(off.command({ name: 'bargeIn', params: { lineKey: 2 } }))).toBe('barge-in-off');
    });
  });

  describe('4. hold', () => {
    it('4. public hold: all see it, anyone resumes it with the key', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.colleague('confirmed', held);
      expect(tested.key(2)).toMatchObject({ state: 'remote-held', who: 'Bob', with: 'Carol' });
      const pickUp = tested.command({ name: 'pickUp', params: { lineKey: 2 } });
      expect(tested.asked()).toEqual(['pick-up c1 2/0 201']);
      expect(tested.key(2)).toMatchObject({ state: 'local-progressing', who: 'Carol' });
      expect(tested.reply(pickUp)).toBe('waiting');
      tested.take({ type: 'answered', call: 'c1', remote: null });
      expect(tested.reply(pickUp)).toEqual({ ok: true, result: { call: 'c1' } });
      expect(tested.asked()).toEqual(['publish 2/0 confirmed']);
      expect(tested.key(2).state).toBe('local-active');
      tested.colleague('terminated', held);
      tested.take({ type: 'ended', call: 'c1', reason: null });
      expect(tested.key(2).state).toBe('idle');
    });

    it('4. private hold: others see it busy and cannot take it', () => {
      const tested = PhoneUnderTest.onTheAir();
      const call = tested.activeCall(2);
      tested.command({ name: 'hold', params: { call, private: true } });
      tested.take({ type: 'held', call });
      expect(tested.asked()).toEqual([`hold ${call}`, 'publish 2/0 confirmed held exclusive']);
      expect(tested.key(2).state).toBe('local-held');
      expect(tested.call(call)?.private).toBe(true);
      tested.command({ name: 'hold', params: { call } });
      expect(tested.asked()).toEqual(['publish 2/0 confirmed held']);

      const other = PhoneUnderTest.onTheAir();
      other.colleague('confirmed', { ...held, exclusive: true });
      expect(other.key(2)).toMatchObject({
        state: 'private-held',
        can: { pickUp: false },
        cannot: 'private-call',
      });
      expect(other.refusal(other.command({ name: 'pickUp', params: { lineKey: 2 } }))).toBe('private-call');
    });

    it('of two minutes reminds its user, but not over a conversation', () => {
      const tested = PhoneUnderTest.onTheAir();
      const call = tested.activeCall(2);
      tested.command({ name: 'hold', params: { call } });
      expect(tested.take({ type: 'held', call })).toContainEqual({
        type: 'start-timer',
        timer: `hold-reminder:${call}`,
        ms: 120_000,
      });
      expect(tested.view.sound.tone).toBeNull();
      tested.take({ type: 'timer', timer: `hold-reminder:${call}` });
      expect(tested.view.sound.tone).toBe('hold-reminder');
      const other = tested.activeCall(1);
      expect(tested.view.sound.tone).toBeNull();
      tested.take({ type: 'ended', call: other, reason: null });
      expect(tested.view.sound.tone).toBe('hold-reminder');
      tested.command({ name: 'resume', params: { call } });
      tested.take({ type: 'resumed', call });
      expect(tested.view.sound.tone).toBeNull();
    });
  });

  it('5. transfer holds privately, so that no colleague takes the call, and then frees the line', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(2);
    tested.command({ name: 'transfer', params: { call, number: '5061' } });
    tested.take({ type: 'held', call });
    expect(tested.asked()).toEqual([
      `hold ${call}`,
      `transfer ${call} to 5061`,
      'publish 2/0 confirmed held exclusive',
    ]);
    tested.take({ type: 'transferred', call });
    expect(tested.asked()).toEqual([`hang-up ${call}`, 'publish 2/0 terminated']);
    expect(tested.key(2).can.seize).toBe(true);

    const other = tested.activeCall(2);
    tested.held(other);
    tested.command({ name: 'consult', params: { call: other, number: '5061' } });
    expect(tested.asked()).toEqual(['invite c4 5061', 'publish 2/0 confirmed held exclusive']);
  });

  it('6. do not disturb silences the ring only', () => {
    const tested = PhoneUnderTest.onTheAir();
    const set = tested.command({ name: 'doNotDisturb', params: { on: true } });
    expect(tested.reply(set)).toEqual({ ok: true, result: { done: true } });
    tested.ring('s1');
    expect(tested.view).toMatchObject({ doNotDisturb: true, sound: { ring: null, tone: null } });
    expect(tested.key(2).state).toBe('local-ringing');
    tested.command({ name: 'answer', params: { call: 's1' } });
    expect(tested.asked()).toEqual(['accept s1']);
  });

  it('6. reject silences here only: the call rings on for the others', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.ring('s1');
    tested.command({ name: 'reject', params: { call: 's1' } });
    expect(tested.asked()).toEqual(['decline s1 486']);
    expect(tested.view.history[0]).toMatchObject({ id: 's1', outcome: 'declined' });
  });

  describe('7. a call that a colleague answered is not missed', () => {
    const answered = { direction: 'recipient', remote: { number: '5551234', name: 'Carol' } } as const;

    it('when the CANCEL says so', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.ring('s1');
      tested.take({ type: 'ended', call: 's1', reason: { code: 'answered-elsewhere' } });
      expect(tested.view.history[0]).toMatchObject({ outcome: 'answered-elsewhere', by: null });
      tested.now += 1000;
      tested.colleague('confirmed', answered);
      expect(tested.view.history[0]).toMatchObject({ outcome: 'answered-elsewhere', by: 'Bob' });
    });

    it('when the PBX has shown it on the line before', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.ring('s1');
      tested.colleague('confirmed', answered);
      expect(tested.view.sound.ring).toBeNull();
      tested.take({ type: 'ended', call: 's1', reason: null });
      expect(tested.view.history[0]).toMatchObject({ outcome: 'answered-elsewhere', by: 'Bob' });
      expect(tested.view.notices.map(({ code }) => code)).toEqual(['answered-elsewhere']);
    });

    it('when the PBX shows it on the line within five seconds', () => {
      const tested = PhoneUnderTest.onTheAir();
      tested.ring('s1');
      tested.take({ type: 'ended', call: 's1', reason: null });
      expect(tested.view.history[0]).toMatchObject({ outcome: 'missed', by: null });
      tested.now += 4900;
      tested.colleague('confirmed', answered);
      expect(tested.view.history[0]).toMatchObject({ outcome: 'answered-elsewhere', by: 'Bob' });
    });

    it.each([
      ['later', 5100, answered],
      ['a call that the colleague made', 100, { direction: 'initiator' }],
    ] as const)('but not for %s', (_, wait, dialog) => {
      const tested = PhoneUnderTest.onTheAir();
      tested.ring('s1');
      tested.take({ type: 'ended', call: 's1', reason: null });
      tested.now += wait;
      tested.colleague('confirmed', dialog);
      expect(tested.view.history[0]?.outcome).toBe('missed');
    });
  });

  it('8. the states of a colleague’s call all have their words, the most pressing first', () => {
    const tested = PhoneUnderTest.onTheAir();
    const one = (appearance: number, change: Partial<AppearanceDialog> & Pick<AppearanceDialog, 'state'>) =>
      tested.colleague(change.state, {
        appearance,
        ...change,
        local: { number: `50${appearance}`, name: null },
      });
    const seen: string[] = [];
    one(0, { state: 'trying' });
    seen.push(tested.key(2).state);
    one(2, { state: 'proceeding' });
    seen.push(tested.key(2).state);
    one(4, { state: 'confirmed', held: true, exclusive: true });
    seen.push(tested.key(2).state);
    one(6, { state: 'confirmed' });
    seen.push(tested.key(2).state);
    one(8, { state: 'confirmed', held: true });
    seen.push(tested.key(2).state);
    one(10, { state: 'early', direction: 'recipient' });
    seen.push(tested.key(2).state);
    expect(seen).toEqual([
      'remote-seized',
      'remote-progressing',
      'private-held',
      'remote-active',
      'remote-held',
      'remote-ringing',
    ]);
    expect(tested.key(2).appearances.map(({ number }) => number)).toEqual([10, 8, 6, 4, 2, 0]);
    tested.ring('s1', 12);
    expect(tested.key(2).state).toBe('local-ringing');
  });

  it('10. silence this ring: per call, and the call goes on', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.ring('s1');
    tested.command({ name: 'silence', params: { call: 's1' } });
    expect(tested.view.sound.ring).toBeNull();
    expect(tested.key(2).state).toBe('local-ringing');
    tested.ring('s2');
    expect(tested.view.sound.ring).toBe('s2');
    expect(tested.asked()).toEqual([]);
  });

  it('11. after a restart the PBX is told that nothing is held, and the keys do not pretend to know', () => {
    const tested = new PhoneUnderTest();
    tested.take({ type: 'registered', extension: 1, fresh: true });
    tested.take({ type: 'registered', extension: 2, fresh: true });
    expect(tested.asked()).toEqual(['announce 2']);
    expect(states(tested)).toEqual(['idle', 'remote-undefined', 'remote-undefined']);
  });

  it('12. of two that seize at once the loser hears that the line is in use, and by whom', () => {
    const tested = PhoneUnderTest.onTheAir();
    const dial = tested.command({ name: 'dial', params: { lineKey: 2, number: '5051' } });
    tested.colleague('trying');
    expect(tested.reply(dial)).toEqual({
      ok: false,
      reason: { code: 'line-in-use', params: { who: 'Bob' } },
    });
    expect(tested.view.sound.tone).toBe('busy');
    tested.take({ type: 'seize-refused', call: 'c1', silent: false });
    expect(tested.asked()).toEqual(['seize 2/0 trying']);
    expect(tested.view.history[0]).toMatchObject({ outcome: 'failed', remote: { number: '5051' } });
  });

  it('12. a grant that comes after we gave way is given back', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.command({ name: 'seize', params: { lineKey: 2 } });
    tested.colleague('trying');
    tested.take({ type: 'seize-granted', call: 'c1' });
    expect(tested.asked()).toEqual(['seize 2/0 trying', 'publish 2/0 terminated']);
  });

  describe('13. a held call that is resumed at a colleague’s', () => {
    it('is let go of here, and history says who has it', () => {
      const tested = PhoneUnderTest.onTheAir();
      const call = tested.activeCall(2);
      tested.held(call);
      const dialogId = tested.phone.calls[0]?.dialogId;
      tested.take({ type: 'taken-over', call, by: { number: '5041', name: 'Bob' } });
      tested.take({ type: 'ended', call, reason: null });
      expect(tested.view.notices.map(({ code }) => code)).toEqual(['taken-over']);
      expect(tested.view.history[0]).toMatchObject({ outcome: 'answered', by: 'Bob' });
      // Said at once, it would free the line that is now the colleague's.
      expect(tested.asked()).toEqual([]);
      // Nor is its key ours to seize, on either of its appearances, before the PBX has said whose it is.
      expect(tested.key(2)?.can.seize).toBe(false);
      tested.colleague('confirmed', { id: '7' });
      tested.take({ type: 'timer', timer: `let-go:${dialogId}` });
      expect(tested.asked()).toEqual(['publish 2/0 terminated']);
      expect(tested.key(2)).toMatchObject({ state: 'remote-active', who: 'Bob' });
    });

    it.each([
      ['after', ['confirmed 5', 'terminated 3']],
      ['before', ['terminated 3', 'confirmed 5']],
    ])('changes hands for the others too, with its old end told %s the new beginning', (_, order) => {
      const tested = PhoneUnderTest.onTheAir();
      tested.colleague('confirmed', { ...held, id: '201', local: { number: '503', name: 'Dan' } });
      for (const told of order) {
        // Both stations count their dialogs alike.
        if (told.startsWith('confirmed'))
          tested.colleague('confirmed', { id: '201', local: { number: '505', name: 'Eve' } });
        else tested.colleague('terminated', { ...held, id: '201', local: { number: '503', name: 'Dan' } });
      }
      expect(tested.key(2)).toMatchObject({ state: 'remote-active', who: 'Eve' });
      expect(tested.key(2).appearances).toHaveLength(1);
    });
  });
});

function bargingStation(): PhoneUnderTest {
  return PhoneUnderTest.withStation(
    {},
    {
      extensions: [
        { userId: '5031', password: '', localPort: 5060 },
        { userId: '5031', sharedUserId: '5041', password: '', localPort: 5061, bargeIn: true },
      ],
    },
  );
}

describe('barging in', () => {
  it('is never silent: the one who joins, and the one who is joined, both see it', () => {
    const tested = bargingStation();
    tested.colleague('confirmed', { identifiers });
    const bargeIn = tested.command({ name: 'bargeIn', params: { lineKey: 2 } });
    expect(tested.asked()).toEqual(['barge-in c1 2/0 201']);
    tested.take({ type: 'answered', call: 'c1', remote: null });
    expect(tested.reply(bargeIn)).toEqual({ ok: true, result: { call: 'c1' } });
    expect(tested.call('c1')?.joined).toEqual([{ number: '5041', name: 'Bob' }]);
    // The line stays the colleague's: we say nothing of it, and free nothing by leaving.
    tested.command({ name: 'hangUp', params: { call: 'c1' } });
    expect(tested.asked()).toEqual(['hang-up c1']);
    expect(tested.key(2).state).toBe('remote-active');

    const joined = PhoneUnderTest.onTheAir();
    const call = joined.activeCall(2);
    joined.take({ type: 'joined', call, parties: [{ number: '5041', name: 'Ann' }] });
    expect(joined.call(call)?.joined).toEqual([{ number: '5041', name: 'Ann' }]);
    joined.take({ type: 'joined', call, parties: [] });
    expect(joined.view.notices.map(({ code }) => code)).toEqual(['joined-call', 'left-call']);
  });
});
