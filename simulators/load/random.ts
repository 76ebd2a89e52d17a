/** Numbers from 0 to below 1. */
export type Random = () => number;

/** The same numbers for the same seed: Marsaglia's xorshift with Weyl's sequence, 32 bits. Good enough for load, not for secrets. */
export function seededRandom(seed: number): Random {
  let x = mix(seed | 0) || 1;
  let weyl = mix((seed | 0) ^ 0x5bd1e995);
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    weyl = (weyl + 0x61c88647) | 0;
    return ((x + weyl) >>> 0) / 2 ** 32;
  };
}

/** A time with this mean, such as between arrivals that know nothing of each other. */
export const exponential = (random: Random, mean: number): number => -Math.log(1 - random()) * mean;

/** Seeds that are close together must not begin alike. */
function mix(seed: number): number {
  let h = seed ^ (seed >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}
