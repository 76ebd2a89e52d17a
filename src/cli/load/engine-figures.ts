import type { EngineSample } from './engine-messages.ts';

/** What the engine took while load was offered. */
export interface EngineFigures {
  /** Of one processor: 0.25 is a quarter of it. */
  readonly cpuPart: number;
  /** Bytes, at the end. */
  readonly heapUsed: number;
  readonly rss: number;
  /** Lines with a call, by what the engine says, a moment after all calls were hung up. */
  readonly busyLines: number;
}

/** Figures of the time between two samples, `elapsedMs` apart, and of one after all was over. */
export function engineFigures(
  first: EngineSample,
  last: EngineSample,
  after: EngineSample,
  elapsedMs: number,
): EngineFigures {
  const cpuPart = (last.cpuMs - first.cpuMs) / Math.max(1, elapsedMs);
  return { cpuPart, heapUsed: last.heapUsed, rss: last.rss, busyLines: after.busyLines };
}
