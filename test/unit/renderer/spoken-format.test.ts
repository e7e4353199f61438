import { expect, it } from 'vitest';
import type { CodecName } from '../../../electron/contract/profile.ts';
import { spokenFormat } from '../../../renderer/audio/spoken-format.ts';

const call = (id: string, codec: CodecName | null, conference: string | null = null) => ({
  id,
  codec,
  conference,
  opus: null,
});

it.each([
  ['alone', call('a', 'PCMA'), [call('b', 'opus')], 'PCMA'],
  ['before an answer', call('a', null), [], null],
  ['with a wide guest', call('a', 'PCMU', 'a'), [call('b', 'PCMU', 'a'), call('c', 'G722', 'a')], 'G722'],
  ['wide itself', call('a', 'G722', 'a'), [call('b', 'opus', 'a')], 'G722'],
  ['among narrow ones', call('a', 'PCMU', 'a'), [call('b', 'PCMA', 'a')], 'PCMU'],
  ['as a guest', call('b', 'PCMU', 'a'), [call('a', 'opus', 'a')], 'PCMU'],
] as const)('a call %s is spoken to in a codec that serves all who hear', (_, spoken, others, codec) => {
  expect(spokenFormat(spoken, [spoken, ...others])?.codec ?? null).toBe(codec);
});
