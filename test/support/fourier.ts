/** In-place radix-2 FFT; the length of both arrays is the same power of two. `inverse` scales by 1/n. */
export function fft(re: Float64Array, im: Float64Array, inverse = false): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(re, i, j);
      swap(im, i, j);
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const angle = ((inverse ? 2 : -2) * Math.PI) / size;
    const half = size / 2;
    for (let k = 0; k < half; k += 1) {
      const cos = Math.cos(angle * k);
      const sin = Math.sin(angle * k);
      for (let a = k; a < n; a += size) butterfly(re, im, a, a + half, cos, sin);
    }
  }
  if (inverse) {
    for (let i = 0; i < n; i += 1) {
      re[i] = at(re, i) / n;
      im[i] = at(im, i) / n;
    }
  }
}

/** The peak of the sine of `hertz` in sound of `rate` Hz (Goertzel's algorithm, with a Hann window). */
export function toneLevel(sound: Float64Array, hertz: number, rate = 8000): number {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [before, last] = [0, 0];
  for (let i = 0; i < sound.length; i += 1) {
    const hann = 1 - Math.cos((2 * Math.PI * i) / sound.length);
    [before, last] = [last, at(sound, i) * hann + turn * last - before];
  }
  return (2 * Math.sqrt(last * last + before * before - turn * last * before)) / sound.length;
}

/** How loud sound of `rate` Hz is between two frequencies: the effective value of that band. */
export function bandLevel(sound: Float64Array, from: number, to: number, rate: number): number {
  const size = 1024;
  let energy = 0;
  const frames = Math.floor(sound.length / size);
  for (let frame = 0; frame < frames; frame += 1) {
    const hann = (i: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    const re = sound.slice(frame * size, (frame + 1) * size).map((value, i) => value * hann(i));
    const im = new Float64Array(size);
    fft(re, im);
    const [low, high] = [Math.ceil((from * size) / rate), Math.floor((to * size) / rate)];
    for (let bin = low; bin <= high; bin += 1) energy += at(re, bin) ** 2 + at(im, bin) ** 2;
  }
  // Both halves of the spectrum; the window leaves 3/8 of the energy.
  return Math.sqrt((2 * energy) / (Math.max(frames, 1) * size * size * (3 / 8)));
}

/** Samples by which `y` is later than `x` where they correlate best; negative when it is earlier. */
export function bestLag(x: Float64Array, y: Float64Array): number {
  const products = correlation(x, y);
  let best = 0;
  for (let lag = 1; lag < products.length; lag += 1) if (at(products, lag) > at(products, best)) best = lag;
  return best > products.length / 2 ? best - products.length : best;
}

/** Correlation (of 1) below which two stretches of sound are not the same. */
const likeness = 0.3;

/** Where in `y` the shorter `x` is found, however loud; the middle of `y` when it is not there. */
export function bestPlace(x: Float64Array, y: Float64Array): number {
  const products = correlation(x, y);
  let best = Math.floor((y.length - x.length) / 2);
  let bestMatch = likeness * Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
  let energy = x.reduce((sum, _, index) => sum + at(y, index) ** 2, 0);
  for (let place = 0; place + x.length <= y.length; place += 1) {
    const match = at(products, place) / Math.sqrt(energy + 1e-6);
    if (match > bestMatch + 1e-9) {
      bestMatch = match;
      best = place;
    }
    energy += at(y, place + x.length) ** 2 - at(y, place) ** 2;
  }
  return best;
}

/** Sum of x[i] * y[i + lag] for every lag; negative lags are counted from the end. */
function correlation(x: Float64Array, y: Float64Array): Float64Array {
  const n = 2 ** Math.ceil(Math.log2(x.length + y.length));
  const [xr, xi, yr, yi] = [padded(x, n), new Float64Array(n), padded(y, n), new Float64Array(n)];
  fft(xr, xi);
  fft(yr, yi);
  for (let i = 0; i < n; i += 1) {
    const [a, b, c, d] = [at(yr, i), at(yi, i), at(xr, i), -at(xi, i)];
    yr[i] = a * c - b * d;
    yi[i] = a * d + b * c;
  }
  fft(yr, yi, true);
  return yr;
}

/** A typed array's element; all indexes here are within its length. */
export const at = (values: Float64Array, index: number): number => values[index] ?? 0;

function butterfly(re: Float64Array, im: Float64Array, a: number, b: number, cos: number, sin: number): void {
  const r = at(re, b) * cos - at(im, b) * sin;
  const i = at(re, b) * sin + at(im, b) * cos;
  re[b] = at(re, a) - r;
  im[b] = at(im, a) - i;
  re[a] = at(re, a) + r;
  im[a] = at(im, a) + i;
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = at(values, i);
  values[i] = at(values, j);
  values[j] = kept;
}

function padded(values: Float64Array, length: number): Float64Array {
  const result = new Float64Array(length);
  result.set(values);
  return result;
}
