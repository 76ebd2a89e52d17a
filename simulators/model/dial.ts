import { Dialling, type DialResult } from './dialling.ts';
import type { Exchange } from './exchange.ts';
import type { Leg } from './leg.ts';
import type { Routine } from './routine.ts';
import type { Target } from './target.ts';

/** Rings targets for a leg and, when one answers, joins them until they part. */
export function* dial(x: Exchange, caller: Leg, targets: readonly Target[], seconds: number): Routine<DialResult> {
  const dialling = new Dialling(x, caller, targets, seconds);
  diallings.set(caller, dialling);
  const result = yield* dialling.run();
  if (result.leg) yield* talk(x, caller, result.leg);
  return result;
}

const diallings = new WeakMap<Leg, Dialling>();

/** Whether something rings for a leg. */
export const isDialling = (leg: Leg): boolean => dialledFor(leg).length > 0;

/** What rings for a leg. */
export const dialledFor = (leg: Leg): readonly Leg[] => diallings.get(leg)?.ringing ?? [];

/** What rings for one leg goes on ringing for another, which does from now on what the first did. False: nothing rings. */
export function takeOverDialling(x: Exchange, from: Leg, to: Leg): boolean {
  const dialling = diallings.get(from);
  if (!dialling?.handOver(to)) return false;
  diallings.set(to, dialling);
  const { run, place } = to;
  to.run = undefined;
  to.onUnbridged = undefined;
  x.unbridge(to);
  run?.stop();
  to.place = from.place;
  to.step = from.step;
  from.place = place;
  shareVariables(from, to);
  x.follow(to, goOn(x, to, dialling));
  return true;
}

/** Each has the variables of both; where both have one, the value of the first. */
function shareVariables(one: Leg, other: Leg): void {
  for (const [name, value] of other.variables) if (!one.variables.has(name)) one.variables.set(name, value);
  for (const [name, value] of one.variables) other.variables.set(name, value);
}

function* goOn(x: Exchange, caller: Leg, dialling: Dialling): Routine {
  const result = yield* dialling.wait();
  if (result.leg) return yield* talk(x, caller, result.leg);
  caller.rangOut = { outcome: result.outcome, cause: result.cause };
  x.emit({ type: 'rangOut', leg: caller });
  caller.cause = result.cause;
}

/** Joins a leg with one that answered it, until they part. */
function* talk(x: Exchange, caller: Leg, callee: Leg): Routine {
  const bridge = x.createBridge('basic');
  if (!callee.run) x.step(callee, callee.place, { kind: 'rung', by: 'leg' });
  x.enter(bridge, callee);
  x.enter(bridge, caller);
  yield* x.untilUnbridged(caller);
}
