import type { Clock } from '../domain/clock.ts';
import { systemClock } from '../domain/clock.ts';

/** Where a command writes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** Where keys come from. */
export interface Keyboard {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (keys: Buffer) => void): unknown;
  off(event: 'data', listener: (keys: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Everything that a command touches of the process that it runs in. */
export interface CliIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Keyboard;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborted when the user or the system asks the program to end. */
  readonly stop: AbortSignal;
}

/** The real process. `dispose` takes the signal handlers away again. */
export function processIo(): CliIo & Disposable {
  const controller = new AbortController();
  let asked = 0;
  const stop = () => {
    // The second time, somebody means it: no more waiting for anything. Within a second, a launcher passes the same on.
    if (asked > 0 && systemClock.now() - asked > 1_000) process.exit(130);
    asked ||= systemClock.now();
    controller.abort();
  };
  const brokenPipe = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') controller.abort();
    else throw error;
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  process.stdout.on('error', brokenPipe);
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    clock: systemClock,
    stop: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}

/** Resolves when a signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A signal that is aborted with `io.stop`, or by itself after a time. */
export function stopAfter(io: CliIo, ms: number | undefined): AbortSignal {
  if (ms === undefined) return io.stop;
  const controller = new AbortController();
  const cancel = io.clock.setTimer(() => controller.abort(), ms);
  io.stop.addEventListener('abort', () => cancel(), { once: true });
  return AbortSignal.any([io.stop, controller.signal]);
}

/** Waits on a clock, at most until a signal is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.setTimer(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
