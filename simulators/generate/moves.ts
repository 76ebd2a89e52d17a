import type { ActStep } from '../scenario/scenario.ts';
import type { Sentence } from '../scenario/sentences.ts';
import type { Choices, Weighted } from './choices.ts';
import { LINES } from './frame.ts';
import { drawDid, drawGoal, drawNumber } from './numbers.ts';
import { isCalling, isHeld, isInCall, isOffered, isTalking, isWaiting, type NamedCall, type Stage } from './stage.ts';

/** Something that somebody could do now: one step, or some that belong together. */
export type Move = () => readonly Sentence[];

/** What a move may draw on. */
export interface Situation {
  readonly stage: Stage;
  readonly choices: Choices;
  /** A name that no call has had. */
  readonly newName: () => string;
}

type Act = Omit<ActStep, 'kind' | 'text' | 'position' | 'who' | 'verb'>;

/** A step of somebody. */
export function act(who: string, verb: ActStep['verb'], rest: Act = {}): Sentence {
  return { kind: 'act', who, verb, ...rest };
}

const on = ({ who, call }: NamedCall, verb: ActStep['verb'], rest: Act = {}): Sentence =>
  act(who, verb, { leg: call, ...rest });

/** Everything that people could do now, by itself. */
export function movesNow(situation: Situation): Weighted<Move>[] {
  const { stage } = situation;
  return [
    ...callMoves(situation),
    ...stage.calls.flatMap((call) => (isOffered(call.leg) ? ringingMoves(call, situation) : ownMoves(call, situation))),
    ...deskMoves(situation),
  ];
}

/** Somebody new: the fewer there are, the likelier. */
function callMoves({ stage, choices, newName }: Situation): Weighted<Move>[] {
  const eagerness = Math.max(0, 5 - stage.legCount / 2);
  const place = (who: string, number: string): Sentence => act(who, 'calls', { number, leg: newName() });
  const moves: Weighted<Move>[] = [
    [eagerness * 2, () => [place(choices.of(['carol', 'dave', 'erin', 'frank']), drawDid(stage, choices))]],
  ];
  for (const line of stage.freeLines) {
    const isBusy = stage.callsOf(line).length > 0;
    moves.push([isBusy ? 1.5 : eagerness / 4, () => [place(line, drawNumber(line, stage, choices))]]);
  }
  return moves;
}

function ringingMoves(call: NamedCall, { stage, choices }: Situation): Weighted<Move>[] {
  const others = call.isPhone ? [480] : [480, 404, 503];
  const statuses = [486, 603, ...(stage.has('failures') ? others : [])];
  return [
    [5, () => [on(call, 'answers')]],
    [1.5, () => [on(call, 'rejects', { status: choices.of(statuses) })]],
    [
      call.isPhone && call.leg.onDeflected && stage.has('deflection') ? 0.7 : 0,
      () => [on(call, 'deflects', { number: drawGoal(call.who, stage, choices, false) })],
    ],
  ];
}

function ownMoves(call: NamedCall, situation: Situation): Weighted<Move>[] {
  const { leg, isPhone } = call;
  const { stage, choices } = situation;
  const inCall = isInCall(leg);
  return [
    [inCall ? 1.2 : 1.5, () => [on(call, 'hangs-up')]],
    [isTalking(leg) ? (isPhone ? 1 : 0.2) : 0, () => [on(call, 'holds')]],
    [isHeld(leg) ? 1 : 0, () => swap(call, situation)],
    [isPhone && isTalking(leg) ? 1 : 0, () => consult(call, situation)],
    [isPhone && inCall ? 1.2 : 0, () => [on(call, 'refers', { number: drawGoal(call.who, stage, choices, true) })]],
    [isPhone && inCall && stage.has('parking') ? 0.4 : 0, () => [on(call, 'parks')]],
    [
      isTalking(leg) && !isWaiting(leg) ? 0.4 : 0,
      () => [on(call, 'presses', { number: drawKeys(call, stage, choices) })],
    ],
    ...joinMoves(call, situation),
  ];
}

/** A telephone talks to one party at a time. */
function swap(call: NamedCall, { stage }: Situation): Sentence[] {
  const others = stage.callsOf(call.who).filter(({ leg }) => isTalking(leg));
  return [...others.map((other) => on(other, 'holds')), on(call, 'resumes')];
}

function consult(call: NamedCall, { stage, choices, newName }: Situation): Sentence[] {
  const number = drawNumber(call.who, stage, choices);
  return [on(call, 'holds'), act(call.who, 'calls', { number, leg: newName() })];
}

/** The held party is joined with the one that was asked, who has answered or is still called. */
function joinMoves(call: NamedCall, { stage }: Situation): Weighted<Move>[] {
  if (!call.isPhone || !isHeld(call.leg)) return [];
  return stage
    .callsOf(call.who)
    .filter(({ leg }) => leg !== call.leg && (isTalking(leg) || (stage.has('semi-attended') && isCalling(leg))))
    .filter((other) => stage.has('self-calls') || !isSameParty(call, other))
    .map((other) => [4, () => [on(call, 'joins', { with: other.call })]]);
}

/** Both calls are with the same telephone, which would talk to itself. */
function isSameParty(one: NamedCall, other: NamedCall): boolean {
  const [a, b] = [one, other].map(({ leg }) => leg.bridge?.peers(leg)[0]?.line);
  return a?.kind === 'phone' && b?.kind === 'phone' && a.number === b.number;
}

function drawKeys({ who, isPhone }: NamedCall, stage: Stage, choices: Choices): string {
  const keys = choices.of(['1', '2', '1003', '5', '12']);
  if (!isPhone || !stage.has('feature-codes')) return keys;
  return choices.weighted<string>([
    [2, keys],
    [1, `#1${choices.of(LINES.filter((line) => line !== who))}`],
    [1, `*2${choices.of(LINES.filter((line) => line !== who))}`],
    [0.5, '#72'],
  ])!;
}

/** What is done at a desk beside talking: somebody else's call is taken, a telephone is unplugged. */
function deskMoves({ stage, choices, newName }: Situation): Weighted<Move>[] {
  const ringing = [
    ...new Set(stage.calls.filter(({ leg, isPhone }) => isPhone && isOffered(leg)).map(({ who }) => who)),
  ];
  const free = stage.freeLines.filter((line) => stage.callsOf(line).length === 0);
  const taker = free.find((line) => !ringing.includes(line));
  // A telephone that rings for its own user to agree has no caller that could be taken from it.
  const isPrompting = stage.calls.some(({ leg }) => isOffered(leg) && leg.dialledBy === undefined);
  const mayUnplug = stage.has('failures') && (stage.has('dead-ends') || !isPrompting);
  const moves: Weighted<Move>[] = [
    [mayUnplug ? 0.15 : 0, () => [act(choices.of(LINES.filter((line) => stage.isRegistered(line))), 'unregisters')]],
  ];
  for (const line of LINES.filter((one) => !stage.isRegistered(one))) moves.push([1, () => [act(line, 'registers')]]);
  if (taker === undefined || ringing.length === 0 || isPrompting || !stage.has('pickup')) return moves;
  return [
    ...moves,
    [0.8, () => [act(choices.of(free), 'picks-up', { leg: newName() })]],
    [0.8, () => [act(taker, 'picks-up', { number: choices.of(ringing), leg: newName() })]],
  ];
}
