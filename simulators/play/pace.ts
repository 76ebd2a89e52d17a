import type { Clock, SimulatedClock } from '../../src/domain/clock.ts';

/** How time passes while a scenario is played. */
export interface Pace {
  readonly clock: Clock;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  /** Waits until something is so, at most so long; tells whether it came to be. */
  until(isSo: () => boolean, ms: number): Promise<boolean>;
  /** Runs what waits in this pace, and whatever falls due meanwhile, to its end. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** The pace of the machine's own time: for clients that have a clock of their own. */
export function realPace(clock: Clock): Pace {
  const pass = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(resolve, ms));
  return {
    clock,
    pass,
    async until(isSo, ms) {
      const deadline = clock.now() + ms;
      while (!isSo()) {
        if (clock.now() >= deadline) return false;
        await pass(Math.min(5, deadline - clock.now()));
      }
      return true;
    },
    run: (work) => work(),
  };
}

/** After so many turns of the event loop in which no byte has moved, those that are on their way are given up. */
const MAX_IDLE_TURNS = 2_000;

/** What is on its way between a switch and its clients. */
export interface Transit {
  /** Whether nothing is. */
  readonly atRest: boolean;
  /** All bytes that have been written and read so far: while it grows, they move. */
  readonly moved: number;
}

const NOTHING: Transit = { atRest: true, moved: 0 };

interface Condition {
  readonly isSo: () => boolean;
  readonly done: (so: boolean) => void;
  readonly cancel: () => void;
}

/**
 * The pace of a simulated clock: time jumps from one timer to the next, and only while everything is at rest, so that
 * sockets (which take real time) seem to take none.
 */
export function simulatedPace(clock: SimulatedClock, transit: () => Transit = () => NOTHING): Pace {
  const conditions = new Set<Condition>();
  const look = (): void => {
    for (const condition of [...conditions]) {
      if (!condition.isSo()) continue;
      condition.cancel();
      condition.done(true);
    }
  };
  return {
    clock,
    pass: (ms) => new Promise((resolve) => void clock.setTimer(resolve, ms)),
    until: (isSo, ms) =>
      new Promise((resolve) => {
        if (isSo()) return resolve(true);
        const stop = clock.setTimer(() => {
          conditions.delete(condition);
          resolve(isSo());
        }, ms);
        const cancel = (): void => {
          stop();
          conditions.delete(condition);
        };
        const condition: Condition = { isSo, done: resolve, cancel };
        conditions.add(condition);
      }),
    run: (work) => drive(clock, work, transit, look),
  };
}

async function drive<T>(
  clock: SimulatedClock,
  work: () => Promise<T>,
  transit: () => Transit,
  look: () => void,
): Promise<T> {
  let over = false;
  const result = work().finally(() => {
    over = true;
  });
  // Looked at below, by whoever awaits it; a failure before that must not count as unhandled.
  result.catch(() => {});
  for (;;) {
    await settle(transit, look);
    if (over) return result;
    const next = clock.nextTimerAt;
    if (next === undefined) throw new Error('the scenario waits for something that no timer and no message can bring');
    clock.advanceTo(next);
  }
}

/** Waits until nothing is on its way and whoever waited for something that is now so has gone on. */
async function settle(transit: () => Transit, look: () => void): Promise<void> {
  let before = -1;
  for (let idle = 0, quiet = 0; quiet < 2 && idle < MAX_IDLE_TURNS; idle++) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    look();
    const { atRest, moved } = transit();
    if (moved !== before) idle = 0;
    before = moved;
    quiet = atRest ? quiet + 1 : 0;
  }
}
