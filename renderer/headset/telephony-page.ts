/**
 * What a headset's buttons and lamps are on the wire: the Telephony page (0x0B) and the LED page (0x08) of the HID Usage
 * Tables. Which bit of which report they are, each headset says in its own report descriptor.
 */
export type HeadsetButton = 'hook' | 'mute' | 'flash' | 'redial';
export type HeadsetLamp = 'offHook' | 'ring' | 'mute' | 'hold';

/** A usage as WebHID gives it: page in the upper 16 bits. */
const buttonUsages: Readonly<Record<number, HeadsetButton>> = {
  720928: 'hook',
  720929: 'flash',
  720932: 'redial',
  720943: 'mute',
};
const lampUsages: Readonly<Record<number, HeadsetLamp>> = {
  524297: 'mute',
  524311: 'offHook',
  524312: 'ring',
  524320: 'hold',
};

export const telephonyPage = 0x0b;

/** One bit of a report. */
interface Bit {
  readonly report: number;
  readonly offset: number;
}

/** Where buttons and lamps are in a headset's reports. */
export interface TelephonyMap {
  readonly buttons: readonly (Bit & {
    readonly button: HeadsetButton;
    /** It tells the state it is in; else only that it is pressed now. */
    readonly isState: boolean;
  })[];
  /** Of an array item: the number that stands for a button, instead of a bit. */
  readonly arrays: readonly (Bit & {
    readonly size: number;
    readonly values: ReadonlyMap<number, HeadsetButton>;
  })[];
  readonly lamps: readonly (Bit & { readonly lamp: HeadsetLamp })[];
  /** Octets of each output report that holds a lamp. */
  readonly lampReports: ReadonlyMap<number, number>;
}

export function readTelephonyMap(collections: readonly HIDCollectionInfo[]): TelephonyMap {
  const buttons: TelephonyMap['buttons'][number][] = [];
  const arrays: TelephonyMap['arrays'][number][] = [];
  for (const { report, item, offset } of itemsOf(
    collections.flatMap((each) => reportsOf(each, 'inputReports')),
  )) {
    if (item.isArray) {
      arrays.push({ report, offset, size: item.reportSize ?? 0, values: valuesOf(item) });
      continue;
    }
    for (const [index, usage] of usagesOf(item).entries()) {
      const button = buttonUsages[usage];
      const at = offset + index * (item.reportSize ?? 1);
      if (button) buttons.push({ report, offset: at, button, isState: item.isAbsolute === true });
    }
  }
  const lamps: TelephonyMap['lamps'][number][] = [];
  const lampReports = new Map<number, number>();
  const outputs = collections.flatMap((each) => reportsOf(each, 'outputReports'));
  for (const { report, item, offset } of itemsOf(outputs)) {
    for (const [index, usage] of usagesOf(item).entries()) {
      const lamp = lampUsages[usage];
      if (lamp) lamps.push({ report, offset: offset + index * (item.reportSize ?? 1), lamp });
    }
  }
  for (const { report } of lamps) lampReports.set(report, octetsOf(outputs, report));
  return { buttons, arrays: arrays.filter(({ values }) => values.size > 0), lamps, lampReports };
}

/** The buttons that a report tells of, and whether each is down; those of other reports are not in it. */
export function readButtons(
  map: TelephonyMap,
  report: number,
  data: DataView,
): ReadonlyMap<HeadsetButton, boolean> {
  const told = new Map<HeadsetButton, boolean>();
  for (const { button, offset } of map.buttons.filter((each) => each.report === report)) {
    told.set(button, bitAt(data, offset) || told.get(button) === true);
  }
  for (const { offset, size, values } of map.arrays.filter((each) => each.report === report)) {
    const pressed = values.get(numberAt(data, offset, size));
    for (const button of values.values()) told.set(button, button === pressed);
  }
  return told;
}

/** The output reports that light these lamps and put the others out. */
export function writeLamps(
  map: TelephonyMap,
  lit: ReadonlySet<HeadsetLamp>,
): { readonly report: number; readonly data: Uint8Array<ArrayBuffer> }[] {
  return [...map.lampReports].map(([report, octets]) => {
    const data = new Uint8Array(octets);
    for (const { offset } of map.lamps.filter((each) => each.report === report && lit.has(each.lamp))) {
      const octet = offset >> 3;
      data[octet] = (data[octet] ?? 0) | (1 << (offset & 7));
    }
    return { report, data };
  });
}

/** Whether a button's report tells the state it is in. */
export const tellsState = (map: TelephonyMap, button: HeadsetButton): boolean =>
  map.buttons.some((each) => each.button === button && each.isState);

/** A collection tells the reports of those inside it too (Chromium does); where it does not, they are asked. */
function reportsOf(collection: HIDCollectionInfo, kind: 'inputReports' | 'outputReports'): HIDReportInfo[] {
  const own = collection[kind] ?? [];
  return own.length > 0 ? own : (collection.children ?? []).flatMap((child) => reportsOf(child, kind));
}

interface PlacedItem {
  readonly report: number;
  readonly item: HIDReportItem;
  /** Bits before it in its report. */
  readonly offset: number;
}

function itemsOf(reports: readonly HIDReportInfo[]): PlacedItem[] {
  const filled = new Map<number, number>();
  return reports.flatMap(({ reportId = 0, items = [] }) =>
    items.map((item) => {
      const offset = filled.get(reportId) ?? 0;
      filled.set(reportId, offset + bitsOf(item));
      return { report: reportId, item, offset };
    }),
  );
}

const bitsOf = ({ reportSize = 0, reportCount = 0 }: HIDReportItem): number => reportSize * reportCount;

function octetsOf(reports: readonly HIDReportInfo[], report: number): number {
  const items = reports.filter(({ reportId = 0 }) => reportId === report).flatMap(({ items = [] }) => items);
  return Math.ceil(items.reduce((sum, item) => sum + bitsOf(item), 0) / 8);
}

function usagesOf({
  usages = [],
  isRange,
  usageMinimum,
  usageMaximum,
  reportCount = 0,
}: HIDReportItem): number[] {
  if (!isRange || usageMinimum === undefined || usageMaximum === undefined)
    return usages.slice(0, reportCount);
  const many = Math.min(reportCount, usageMaximum - usageMinimum + 1, 64);
  return Array.from({ length: many }, (_, index) => usageMinimum + index);
}

function valuesOf(item: HIDReportItem): Map<number, HeadsetButton> {
  const { logicalMinimum = 0, isRange, usageMinimum = 0, usageMaximum = 0, usages = [] } = item;
  const many = Math.min(usageMaximum - usageMinimum + 1, 64);
  const all = isRange ? Array.from({ length: many }, (_, index) => usageMinimum + index) : usages;
  const named = all.flatMap((usage, index): [number, HeadsetButton][] => {
    const button = buttonUsages[usage];
    return button ? [[logicalMinimum + index, button]] : [];
  });
  return new Map(named);
}

const bitAt = (data: DataView, offset: number): boolean =>
  offset >> 3 < data.byteLength && ((data.getUint8(offset >> 3) >> (offset & 7)) & 1) === 1;

function numberAt(data: DataView, offset: number, size: number): number {
  let value = 0;
  for (let bit = 0; bit < Math.min(size, 16); bit += 1) if (bitAt(data, offset + bit)) value |= 1 << bit;
  return value;
}
