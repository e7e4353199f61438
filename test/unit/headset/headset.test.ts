import { describe, expect, it } from 'vitest';
import { deedOf, lampsOf } from '../../../renderer/headset/headset-deeds.ts';
import { Headsets } from '../../../renderer/headset/headsets.ts';
import { readButtons, readTelephonyMap, writeLamps } from '../../../renderer/headset/telephony-page.ts';
import { aCall, aSnapshot } from '../renderer/views.ts';

const [telephony, led, button] = [0x000b0000, 0x00080000, 0x00090000];

/**
 * As a headset of the usual kind describes itself (HID Usage Tables 1.5, 14): hook switch and line-busy tone as states,
 * mute, flash and redial as presses, a keypad as an array, and lamps.
 */
const stateful: HIDCollectionInfo[] = [
  {
    usagePage: 0x0c,
    usage: 1,
    inputReports: [
      { reportId: 1, items: [{ usages: [0x000c00e9, 0x000c00ea], reportSize: 1, reportCount: 2 }] },
    ],
  },
  {
    usagePage: 0x0b,
    usage: 5,
    inputReports: [
      {
        reportId: 2,
        items: [
          { isAbsolute: true, usages: [telephony | 0x20, telephony | 0x97], reportSize: 1, reportCount: 2 },
          {
            isAbsolute: false,
            usages: [telephony | 0x2f, telephony | 0x21, telephony | 0x24],
            reportSize: 1,
            reportCount: 3,
          },
          {
            isArray: true,
            isRange: true,
            usageMinimum: telephony | 0xb0,
            usageMaximum: telephony | 0xbb,
            reportSize: 4,
            reportCount: 1,
          },
          { isConstant: true, usages: [], reportSize: 7, reportCount: 1 },
        ],
      },
    ],
    outputReports: [
      {
        reportId: 2,
        items: [
          { usages: [led | 0x17, led | 0x09, led | 0x18, led | 0x20], reportSize: 1, reportCount: 4 },
          { isConstant: true, usages: [], reportSize: 12, reportCount: 1 },
        ],
      },
    ],
  },
];

/** One without report ids, whose single button only tells its presses, inside a collection of its own. */
const simple: HIDCollectionInfo[] = [
  {
    usagePage: 0x0b,
    usage: 5,
    children: [
      {
        usagePage: 0x0b,
        inputReports: [
          {
            reportId: 0,
            items: [
              { usages: [button | 1], reportSize: 1, reportCount: 1 },
              {
                isAbsolute: false,
                isRange: true,
                usageMinimum: telephony | 0x20,
                usageMaximum: telephony | 0x21,
                reportSize: 1,
                reportCount: 2,
              },
            ],
          },
        ],
      },
    ],
  },
];

const bytes = (...octets: number[]): DataView => new DataView(new Uint8Array(octets).buffer);

describe('the reports of a headset', () => {
  const map = readTelephonyMap(stateful);

  it('have their buttons where its descriptor says', () => {
    const told = (octet: number) => Object.fromEntries(readButtons(map, 2, bytes(octet, 0)));
    expect(told(0b00000)).toEqual({ hook: false, mute: false, flash: false, redial: false });
    expect(told(0b00001)).toMatchObject({ hook: true, mute: false });
    expect(told(0b00100)).toMatchObject({ hook: false, mute: true });
    expect(told(0b11000)).toMatchObject({ flash: true, redial: true });
  });

  it('of volume keys and of others say nothing of them', () => {
    expect(readButtons(map, 1, bytes(3)).size).toBe(0);
    expect(readButtons(map, 9, bytes(255)).size).toBe(0);
  });

  it('are read where buttons are told as a range inside a collection', () => {
    const told = readButtons(readTelephonyMap(simple), 0, bytes(0b010));
    expect(Object.fromEntries(told)).toEqual({ hook: true, flash: false });
  });

  it('may be shorter than their descriptor says', () => {
    expect(readButtons(map, 2, bytes()).get('hook')).toBe(false);
  });

  it('light the lamps, and put the others out', () => {
    const lit = writeLamps(map, new Set(['offHook', 'ring']));
    expect(lit).toEqual([{ report: 2, data: new Uint8Array([0b0101, 0]) }]);
    expect(writeLamps(map, new Set())).toEqual([{ report: 2, data: new Uint8Array([0, 0]) }]);
    expect(writeLamps(readTelephonyMap(simple), new Set(['ring']))).toEqual([]);
  });
});

describe('a button of a headset', () => {
  const rings = { calls: [aCall({ id: 'i1', state: 'incoming' })] };
  const talks = { calls: [aCall({ id: 'c1', state: 'active', muted: true })] };
  const holds = { calls: [aCall({ id: 'h1', state: 'held' })] };
  const both = { calls: [...talks.calls, ...rings.calls] };
  const nothing = { calls: [] };

  it.each([
    ['lifts', true, rings, { name: 'answer', call: 'i1' }],
    ['lifts', true, holds, { name: 'resume', call: 'h1' }],
    ['lifts', true, talks, null],
    ['lifts', true, nothing, null],
    ['puts down', false, talks, { name: 'hangUp', call: 'c1' }],
    ['puts down', false, nothing, null],
    ['puts down', false, rings, null],
  ] as const)('that %s the hook (%s)', (_, down, phone, deed) => {
    expect(deedOf('hook', down, true, phone)).toEqual(deed);
  });

  it('that only tells its presses answers, hangs up, and takes the call that waits', () => {
    expect(deedOf('hook', true, false, rings)).toEqual({ name: 'answer', call: 'i1' });
    expect(deedOf('hook', true, false, talks)).toEqual({ name: 'hangUp', call: 'c1' });
    expect(deedOf('hook', true, false, both)).toEqual({ name: 'answer', call: 'i1' });
    expect(deedOf('hook', false, false, talks)).toBeNull();
  });

  it('mutes, holds and redials', () => {
    expect(deedOf('mute', true, false, talks)).toEqual({ name: 'mute', call: 'c1', on: false });
    expect(deedOf('mute', true, false, nothing)).toBeNull();
    expect(deedOf('flash', true, false, talks)).toEqual({ name: 'hold', call: 'c1' });
    expect(deedOf('flash', true, false, holds)).toEqual({ name: 'resume', call: 'h1' });
    expect(deedOf('redial', true, false, nothing)).toEqual({ name: 'redial' });
    expect(deedOf('redial', true, false, talks)).toBeNull();
  });

  it('has lamps that show the phone', () => {
    const sound = (ring: string | null) => ({ sound: { ring, tone: null } });
    expect([...lampsOf({ ...rings, ...sound('i1') })]).toEqual(['ring']);
    expect([...lampsOf({ ...rings, ...sound(null) })]).toEqual([]);
    expect([...lampsOf({ ...talks, ...sound(null) })]).toEqual(['offHook', 'mute']);
    expect([...lampsOf({ ...holds, ...sound(null) })]).toEqual(['hold']);
  });
});

class FakeDevice extends EventTarget {
  opened = false;
  readonly productName = 'Headset 20';
  readonly sent: string[] = [];
  constructor(readonly collections: HIDCollectionInfo[]) {
    super();
  }
  async open(): Promise<void> {
    this.opened = true;
  }
  async close(): Promise<void> {
    this.opened = false;
  }
  async sendReport(report: number, data: Uint8Array): Promise<void> {
    this.sent.push(`${report}: ${[...data].join(' ')}`);
  }
  says(reportId: number, ...octets: number[]): void {
    this.dispatchEvent(Object.assign(new Event('inputreport'), { reportId, data: bytes(...octets) }));
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('a headset at hand', () => {
  it('answers and hangs up, shows what the phone does, and is gone when unplugged', async () => {
    const device = new FakeDevice(stateful);
    const hid = Object.assign(new EventTarget(), { getDevices: async () => [device] });
    const deeds: unknown[] = [];
    const headsets = new Headsets(hid as unknown as HID, (deed) => deeds.push(deed));
    await settled();
    expect(headsets.names).toEqual(['Headset 20']);

    headsets.follow(
      aSnapshot({ calls: [aCall({ id: 'i1', state: 'incoming' })], sound: { ring: 'i1', tone: null } }),
    );
    device.says(2, 0b1, 0);
    // Reports repeat; a state told twice is one deed.
    device.says(2, 0b1, 0);
    expect(deeds).toEqual([{ name: 'answer', call: 'i1' }]);

    headsets.follow(aSnapshot({ calls: [aCall({ id: 'i1', state: 'active' })] }));
    headsets.follow(aSnapshot({ calls: [aCall({ id: 'i1', state: 'active' })] }));
    expect(device.sent).toEqual(['2: 4 0', '2: 1 0']);
    device.says(2, 0b101, 0);
    device.says(2, 0b001, 0);
    device.says(2, 0b000, 0);
    expect(deeds.slice(1)).toEqual([
      { name: 'mute', call: 'i1', on: true },
      { name: 'hangUp', call: 'i1' },
    ]);

    hid.dispatchEvent(Object.assign(new Event('disconnect'), { device }));
    expect(headsets.names).toEqual([]);
    device.says(2, 0b1, 0);
    expect(deeds).toHaveLength(3);
  });

  it('is let go: its lamps are out, and neither it nor another one is listened to', async () => {
    const device = new FakeDevice(stateful);
    const hid = Object.assign(new EventTarget(), { getDevices: async () => [device] });
    const deeds: unknown[] = [];
    const headsets = new Headsets(hid as unknown as HID, (deed) => deeds.push(deed));
    await settled();
    const told: (readonly string[])[] = [];
    headsets.subscribe(() => told.push(headsets.names));
    headsets.follow(aSnapshot({ calls: [aCall({ id: 'i1', state: 'active' })] }));

    await headsets.close();
    expect(device.opened).toBe(false);
    expect(device.sent).toEqual(['2: 1 0', '2: 0 0']);
    expect(told).toEqual([[]]);
    device.says(2, 0b100, 0);
    const other = new FakeDevice(stateful);
    hid.dispatchEvent(Object.assign(new Event('connect'), { device: other }));
    await settled();
    expect([deeds, other.opened, told.length]).toEqual([[], false, 1]);
  });

  it('that opens only when it is not wanted any more is let go, too', async () => {
    const device = new FakeDevice(stateful);
    const hid = Object.assign(new EventTarget(), { getDevices: async () => [device] });
    const headsets = new Headsets(hid as unknown as HID, () => {});
    const closed = headsets.close();
    await settled();
    await closed;
    expect([device.opened, headsets.names]).toEqual([false, []]);
  });
});
