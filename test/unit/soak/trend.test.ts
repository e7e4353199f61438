import { describe, expect, it } from 'vitest';
import { surely, trendOf } from '../../soak/trend.ts';

describe('a trend', () => {
  it('is the slope of a line', () => {
    const trend = trendOf([0, 1, 2, 3].map((x) => ({ x, y: 7 + 3 * x })));
    expect(trend.slope).toBeCloseTo(3);
    expect(trend.error).toBeCloseTo(0);
  });

  it('knows how far noise goes', () => {
    // Slope 0.4, residues 0.6, -0.8, -0.2, 0.4 about it: sqrt(1.2 / 2 / 5).
    const trend = trendOf([1, 0, 1, 2].map((y, x) => ({ x, y })));
    expect(trend.slope).toBeCloseTo(0.4);
    expect(trend.error).toBeCloseTo(Math.sqrt(1.2 / 2 / 5));
    expect(surely(trend)).toBeLessThan(0);
  });
});
