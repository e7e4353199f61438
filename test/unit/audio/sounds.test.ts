import { describe, expect, it } from 'vitest';
import { Sounds } from '../../../renderer/audio/sounds.ts';

/** A player that notes what it is told; what is played once lasts until `over`. */
function paperPlayer() {
  let playing: { name: string; ended: (() => void) | null } | null = null;
  const stop = (): void => {
    const before = playing;
    playing = null;
    before?.ended?.();
  };
  return {
    get plays() {
      return playing?.name ?? null;
    },
    over: stop,
    player: {
      setOutput() {},
      setVolume() {},
      play(name: string) {
        if (playing?.name === name) return;
        stop();
        playing = { name, ended: null };
      },
      playOnce(name: string, _render: unknown, _loudness: unknown, ended: () => void) {
        stop();
        playing = { name: `${name} once`, ended };
      },
      stop,
      close: stop,
    },
  };
}

function sounds() {
  const players = [paperPlayer(), paperPlayer()] as const;
  const [ringer, speaker] = players;
  const left = players.map(({ player }) => player);
  const tested = new Sounds(() => left.shift() ?? ringer.player);
  const sound = (ring: number | null, tone: 'dial' | null = null) =>
    tested.sound({ ring, tone, region: 'us' });
  const ended: string[] = [];
  const listen = (ring: number) => tested.tryRing(ring, () => ended.push(`ring ${ring}`));
  return { ringer, speaker, sound, listen, ended };
}

describe('a ring that is listened to before it is chosen', () => {
  it('sounds once at the ringer, whatever else happens at the phone that makes no sound', () => {
    const { ringer, speaker, sound, listen, ended } = sounds();
    sound(null);
    listen(3);
    sound(null);
    expect([ringer.plays, speaker.plays]).toEqual(['ring 3 once', null]);
    expect(ended).toEqual([]);
    ringer.over();
    expect(ended).toEqual(['ring 3']);
    sound(null);
    expect(ringer.plays).toBeNull();
  });

  it('stops when told, and makes room for another one', () => {
    const { ringer, listen, ended } = sounds();
    const stopFirst = listen(3);
    const stopSecond = listen(4);
    expect([ringer.plays, ended]).toEqual(['ring 4 once', ['ring 3']]);
    stopFirst();
    expect(ringer.plays).toBe('ring 4 once');
    stopSecond();
    expect([ringer.plays, ended]).toEqual([null, ['ring 3', 'ring 4']]);
  });

  it('gives way to a call that rings, and to a tone', () => {
    const { ringer, speaker, sound, listen, ended } = sounds();
    const stop = listen(3);
    sound(1);
    expect([ringer.plays, ended]).toEqual(['ring 1', ['ring 3']]);
    stop();
    expect(ringer.plays).toBe('ring 1');
    sound(null);
    expect(ringer.plays).toBeNull();
    listen(3);
    sound(null, 'dial');
    expect([ringer.plays, speaker.plays]).toEqual([null, 'us dial']);
  });
});
