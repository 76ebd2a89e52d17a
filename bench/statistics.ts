/** A straight line through points, by least squares. */
export interface Trend {
  /** Change of y for 1 of x. */
  readonly slope: number;
  /** Half the width of the slope's 95 % confidence interval. */
  readonly margin: number;
}

/** The trend of at least three points. */
export function trend(points: readonly (readonly [x: number, y: number])[]): Trend {
  const n = points.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, margin: studentT(n - 2) * Math.sqrt(residual / (n - 2) / sxx) };
}

/** The value that a part of the values does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Two-sided 95 % quantile of Student's distribution (Cornish and Fisher's expansion); within 1 % from 3 degrees on. */
function studentT(degrees: number): number {
  const z = 1.959964;
  const [g1, g2, g3] = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3;
}
