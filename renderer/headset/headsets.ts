import type { Snapshot } from '../../electron/contract/snapshot.ts';
import { deedOf, type HeadsetDeed, lampsOf } from './headset-deeds.ts';
import {
  type HeadsetButton,
  readButtons,
  readTelephonyMap,
  type TelephonyMap,
  telephonyPage,
  tellsState,
  writeLamps,
} from './telephony-page.ts';

interface Connected {
  readonly device: HIDDevice;
  readonly map: TelephonyMap;
  readonly down: Map<HeadsetButton, boolean>;
  /** The lamps as they were written last. */
  lit: string;
  stop(): void;
}

/** The headsets whose buttons and lamps we have. Those that the user has chosen once come back by themselves. */
export class Headsets {
  readonly #hid: HID;
  readonly #carryOut: (deed: HeadsetDeed) => void;
  readonly #connected = new Map<HIDDevice, Connected>();
  readonly #listeners = new Set<() => void>();
  readonly #ending = new AbortController();
  #phone: Snapshot | null = null;
  #names: readonly string[] = [];

  constructor(hid: HID, carryOut: (deed: HeadsetDeed) => void) {
    this.#hid = hid;
    this.#carryOut = carryOut;
    const { signal } = this.#ending;
    hid.addEventListener('connect', ({ device }) => void this.#open(device), { signal });
    hid.addEventListener('disconnect', ({ device }) => this.#lose(device), { signal });
    void this.#openAll(() => hid.getDevices());
  }

  /** Of the headsets at hand. The same array until they change. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Asks the user which headset; its buttons work from then on. */
  choose(): Promise<void> {
    return this.#openAll(() => this.#hid.requestDevice({ filters: [{ usagePage: telephonyPage }] }));
  }

  follow(phone: Snapshot): void {
    this.#phone = phone;
    for (const headset of this.#connected.values()) this.#light(headset);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Puts their lamps out and lets them go: other programs may have them then. */
  async close(): Promise<void> {
    this.#ending.abort();
    const connected = [...this.#connected.values()];
    this.#connected.clear();
    this.#tell();
    this.#listeners.clear();
    await Promise.all(
      connected.map(async ({ device, map, stop }) => {
        stop();
        for (const { report, data } of writeLamps(map, new Set())) {
          await device.sendReport(report, data).catch(() => {});
        }
        await device.close().catch(() => {});
      }),
    );
  }

  async #openAll(find: () => Promise<HIDDevice[]>): Promise<void> {
    const devices = await find().catch(() => []);
    await Promise.all(devices.map((device) => this.#open(device)));
  }

  async #open(device: HIDDevice): Promise<void> {
    const map = readTelephonyMap(device.collections);
    if (this.#connected.has(device) || map.buttons.length + map.arrays.length === 0) return;
    try {
      if (!device.opened) await device.open();
    } catch {
      // Another program has it for itself; its sound works all the same.
      return;
    }
    if (this.#ending.signal.aborted) {
      await device.close().catch(() => {});
      return;
    }
    const heard = (event: HIDInputReportEvent): void => this.#heard(headset, event);
    const headset: Connected = {
      device,
      map,
      down: new Map(),
      lit: '',
      stop: () => device.removeEventListener('inputreport', heard),
    };
    device.addEventListener('inputreport', heard);
    this.#connected.set(device, headset);
    this.#light(headset);
    this.#tell();
  }

  #lose(device: HIDDevice): void {
    this.#connected.get(device)?.stop();
    this.#connected.delete(device);
    this.#tell();
  }

  #heard({ map, down }: Connected, { reportId, data }: HIDInputReportEvent): void {
    for (const [button, isDown] of readButtons(map, reportId, data)) {
      if ((down.get(button) ?? false) === isDown) continue;
      down.set(button, isDown);
      const deed = this.#phone && deedOf(button, isDown, tellsState(map, button), this.#phone);
      if (deed) this.#carryOut(deed);
    }
  }

  #light(headset: Connected): void {
    if (!this.#phone) return;
    const lamps = lampsOf(this.#phone);
    const lit = [...lamps].sort().join();
    if (lit === headset.lit) return;
    headset.lit = lit;
    for (const { report, data } of writeLamps(headset.map, lamps)) {
      // One that is just being unplugged says no; there is nothing to tell the user.
      headset.device.sendReport(report, data).catch(() => {});
    }
  }

  #tell(): void {
    this.#names = [...this.#connected.keys()].map(({ productName }) => productName);
    for (const listener of this.#listeners) listener();
  }
}
