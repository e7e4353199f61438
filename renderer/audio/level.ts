/** How loud a track is, several times a second. */
export interface LevelMeter {
  close(): void;
}

/** Milliseconds from one look to the next: what an eye sees as moving. */
const every = 60;

/** Calls back with the loudest of each stretch, 0 to 1 of full scale. */
export function meterLevel(track: MediaStreamTrack, listener: (level: number) => void): LevelMeter {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 4096 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    listener(loudest(samples));
  }, every);
  return {
    close() {
      window.clearInterval(timer);
      void context.close();
    },
  };
}

export const loudest = (samples: Float32Array): number =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

/** From here down (dB of full scale) a meter shows nothing. */
const floor = -60;

/** How much of a meter a level fills, 0 to 1: ears and eyes go by decibels. */
export function meterFill(level: number): number {
  if (level <= 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(level)) / floor));
}
