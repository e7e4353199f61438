import { describe, expect, it } from 'vitest';
import { initialPhone, phoneConfig } from '../../../electron/phone/config.ts';
import { practiceProfile } from '../../../electron/practice-pbx/practice-profile.ts';

const profile = practiceProfile({ address: '127.0.0.1', port: 6060 });
const firstDialogOf = (userId: string, at: number): number =>
  initialPhone(
    phoneConfig({ ...profile, extensions: profile.extensions.map((it) => ({ ...it, userId })) }),
    at,
  ).firstDialog;

describe('the ids of dialogs', () => {
  const at = Date.UTC(2026, 0, 1);

  it('differ between the phones of an office that were switched on together', () => {
    const phones = Array.from({ length: 500 }, (_, index) => firstDialogOf(String(5000 + index), at));
    expect(new Set(phones).size).toBe(phones.length);
    expect(Math.max(...phones)).toBeLessThan(2 ** 31);
  });

  it('differ from those before a restart', () => {
    expect(firstDialogOf('5031', at + 1_000)).not.toBe(firstDialogOf('5031', at));
  });
});
