import { expect, it } from 'vitest';
import { deedOfMediaKey, deedsOfMediaKey } from '../../../electron/desktop/media-key-deeds.ts';
import { aCall } from '../renderer/views.ts';

const call = (id: string, state: 'incoming' | 'active' | 'held' | 'ringing') => aCall({ id, state });

it.each([
  ['MediaPlayPause', [call('i', 'incoming')], { name: 'answer', call: 'i' }],
  ['MediaPlayPause', [call('a', 'active'), call('i', 'incoming')], { name: 'answer', call: 'i' }],
  ['MediaPlayPause', [call('h', 'held'), call('a', 'active')], { name: 'hold', call: 'a' }],
  ['MediaPlayPause', [call('h', 'held')], { name: 'resume', call: 'h' }],
  ['MediaPlayPause', [call('r', 'ringing')], null],
  ['MediaStop', [call('h', 'held'), call('r', 'ringing')], { name: 'hangUp', call: 'r' }],
  ['MediaStop', [call('i', 'incoming')], null],
] as const)('%s, with %j: %j', (key, calls, deed) => {
  expect(deedOfMediaKey(key, calls)).toEqual(deed);
});

it('MediaStop hangs up on a whole conference, and on nobody else', () => {
  const inConference = ['a', 'b'].map((id) => aCall({ id, state: 'active', conference: 'a' }));
  expect(deedsOfMediaKey('MediaStop', [call('h', 'held'), ...inConference])).toEqual([
    { name: 'hangUp', call: 'a' },
    { name: 'hangUp', call: 'b' },
  ]);
});
