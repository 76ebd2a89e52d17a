import type { Pace } from '../../simulators/play/pace.ts';

/** The same pace, but whatever waits in it rejects with the signal's reason once the signal is aborted. */
export function stoppablePace(pace: Pace, signal: AbortSignal | undefined): Pace {
  if (signal === undefined) return pace;
  return {
    clock: pace.clock,
    pass: (ms) => unlessAborted(signal, () => pace.pass(ms)),
    until: (isSo, ms) => unlessAborted(signal, () => pace.until(isSo, ms)),
    run: (work) => pace.run(work),
  };
}

async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
