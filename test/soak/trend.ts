export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Trend {
  /** How much y grows while x grows by one. */
  readonly slope: number;
  /** Standard error of the slope. */
  readonly error: number;
}

/** The straight line of least squares through at least three points. */
export function trendOf(points: readonly Point[]): Trend {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residue = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(residue / (points.length - 2) / spread) };
}

/** What the slope is at least, all but surely: growth that is not noise. */
export const surely = ({ slope, error }: Trend): number => slope - 2 * error;
