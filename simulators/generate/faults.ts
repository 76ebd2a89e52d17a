import { type Fault, type FaultType, isMomentary, type StandingFault } from '../scenario/fault.ts';
import type { Sentence } from '../scenario/sentences.ts';
import { faultText } from '../scenario/write-sentence.ts';
import type { Choices, Weighted } from './choices.ts';
import type { Move } from './moves.ts';

/** Faults that are there from the beginning to the end. */
const STANDING: readonly FaultType[] = [
  'link-slow',
  'writes-split',
  'writes-joined',
  'snapshot-slow',
  'snapshot-stale',
  'clock-skew',
  'events-twice',
  'events-late',
];

/** What is wrong from the beginning: one or two of the faults that a scenario may have. */
export function drawStanding(faults: readonly FaultType[], choices: Choices): StandingFault[] {
  const possible = faults.filter((type) => STANDING.includes(type));
  return choices.some(possible, 1 + choices.below(2)).map((type) => {
    const fault = drawFault(type, choices);
    return { fault, text: faultText({ fault }) };
  });
}

/** What could go wrong now and come right by itself. */
export function faultMoves(faults: readonly FaultType[], choices: Choices): Weighted<Move>[] {
  return faults
    .filter((type) => !STANDING.includes(type))
    .map((type): Weighted<Move> => [0.5, () => (type === 'logins-refused' ? refuse(choices) : [begin(type, choices)])]);
}

function begin(type: FaultType, choices: Choices): Sentence {
  const fault = drawFault(type, choices);
  const isOverByItself = isMomentary(type);
  return { kind: 'fault', fault, ...(isOverByItself ? {} : { lastsMs: choices.of([200, 1_500, 6_000, 25_000]) }) };
}

/** A password matters only when a connection is made. */
const refuse = (choices: Choices): Sentence[] => [
  { kind: 'fault', fault: { type: 'logins-refused' }, lastsMs: choices.of([2_000, 8_000]) },
  { kind: 'fault', fault: { type: 'link-down' }, lastsMs: 100 },
];

function drawFault(type: FaultType, choices: Choices): Fault {
  switch (type) {
    case 'link-slow':
      return { type, bytesPerSecond: choices.of([20_000, 100_000]) };
    case 'writes-split':
      return { type, bytes: choices.of([1, 7, 100]) };
    case 'writes-joined':
      return { type, ms: choices.of([10, 50]) };
    case 'restart':
      return { type, ms: choices.of([200, 1_000, 5_000]) };
    case 'snapshot-slow':
      return { type, ms: choices.of([200, 1_000, 3_000]) };
    case 'clock-skew':
      return { type, ms: choices.of([-3_600_000, -800, 700, 90_000]) };
    case 'events-late':
      return { type, ms: choices.of([5, 20, 40]) };
    case 'burst':
      return { type, events: choices.of([20, 300]) };
    case 'requests-put-off':
      return { type, ms: choices.of([1_000, 5_000]) };
    default:
      return { type };
  }
}
