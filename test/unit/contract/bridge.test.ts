import { expect, it } from 'vitest';
import { recordingFolderOf } from '../../../electron/contract/bridge.ts';

it.each([
  [{ settings: { recordingFolder: '/etc' } }, '/etc'],
  [{ profile: { pbx: {}, settings: { recordingFolder: '\\\\host\\share' } } }, '\\\\host\\share'],
  [{ settings: { recordingFolder: null } }, null],
  [{ settings: { toneRegion: 'uk' } }, null],
  [{ call: 'c1' }, null],
  [undefined, null],
] as const)('%j would have recordings written to %j', (params, folder) => {
  expect(recordingFolderOf(params)).toBe(folder);
});
