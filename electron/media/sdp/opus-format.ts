import type { OpusWishes } from '../../contract/opus-wishes.ts';

/** RFC 7587, 6.1. */
const bitrates = { least: 6000, most: 510_000 };
const playbackRates = { least: 8000, most: 48_000 };

/**
 * The `a=fmtp` of a far end's Opus. Two of its wishes are not kept: silence goes on being sent without `usedtx`, so that no
 * RTP timeout of a PBX ends the call, and who prefers stereo gets the one channel of our microphone.
 */
export function readOpusWishes(config: string | undefined): OpusWishes {
  const parameters = new Map(
    String(config ?? '')
      .split(';')
      .map((each) => each.split('='))
      .map(([name = '', value = '']) => [name.trim().toLowerCase(), value.trim()] as const),
  );
  return {
    fec: parameters.get('useinbandfec') === '1',
    constantBitrate: parameters.get('cbr') === '1',
    maxAverageBitrate: within(bitrates, parameters.get('maxaveragebitrate')),
    maxPlaybackRate: within(playbackRates, parameters.get('maxplaybackrate')),
  };
}

function within({ least, most }: typeof bitrates, value = ''): number | null {
  return /^\d{1,9}$/.test(value) ? Math.min(most, Math.max(least, Number(value))) : null;
}
