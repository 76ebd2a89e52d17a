import type { Exchange } from './exchange.ts';
import type { Leg, LegSignal } from './leg.ts';
import { QueueBoard } from './queue-board.ts';
import type { QueueEntry, QueueMember, QueueState } from './queue-state.ts';
import { type Routine, until } from './routine.ts';
import type { QueueOutcome } from './step.ts';
import { makeTarget, startTarget } from './target.ts';

const boards = new WeakMap<Exchange, QueueBoard>();

/** The queues of an exchange. */
export function queuesOf(x: Exchange): QueueBoard {
  let board = boards.get(x);
  if (!board) {
    board = new QueueBoard(x);
    boards.set(x, board);
  }
  return board;
}

/** Puts a caller into a queue until an agent has served them, or they have waited long enough. */
export function* queue(x: Exchange, leg: Leg, name: string, maxWaitSeconds: number): Routine<QueueOutcome> {
  const board = queuesOf(x);
  const state = board.get(name);
  if (!state) return 'noSuchQueue';
  const entry: QueueEntry = { leg, since: x.clock.now(), lastRung: -1 };
  const deadline = entry.since + maxWaitSeconds * 1000;
  let waiting = true;
  state.entries.push(entry);
  x.emit({ type: 'queueJoined', leg, queue: name, position: state.entries.length, count: state.entries.length });
  x.setMusic(leg, true);
  try {
    while (x.clock.now() < deadline) {
      const answer = yield* new QueueCall(x, entry, state, deadline).run();
      if (!answer) {
        yield* x.pause(Math.min(1000, Math.max(0, deadline - x.clock.now())));
        continue;
      }
      waiting = false;
      x.setMusic(leg, false);
      board.leave(state, entry);
      yield* serve(x, leg, answer, state, entry.since);
      return 'served';
    }
    return 'timeout';
  } finally {
    if (waiting) giveUp(x, leg, state, entry, board);
  }
}

function giveUp(
  x: Exchange,
  leg: Leg,
  state: QueueState,
  entry: QueueState['entries'][number],
  board: QueueBoard,
): void {
  x.setMusic(leg, false);
  const position = state.entries.indexOf(entry) + 1;
  if (leg.ended) state.abandoned++;
  x.emit({ type: 'queueAbandoned', leg, queue: state.name, position, waitedMs: x.clock.now() - entry.since });
  board.leave(state, entry);
}

interface QueueAnswer {
  readonly leg: Leg;
  readonly member: QueueMember;
  readonly ringMs: number;
}

/** Joins caller and agent. */
function* serve(x: Exchange, leg: Leg, answer: QueueAnswer, state: QueueState, since: number): Routine {
  const { member } = answer;
  const waitedMs = x.clock.now() - since;
  x.emit({
    type: 'agentConnected',
    from: leg,
    to: answer.leg,
    queue: state.name,
    member,
    waitedMs,
    ringMs: answer.ringMs,
  });
  member.inCall = true;
  const begun = x.clock.now();
  const bridge = x.createBridge('basic');
  x.enter(bridge, answer.leg);
  x.enter(bridge, leg);
  const about = { from: leg, to: answer.leg, queue: state.name, member, waitedMs } as const;
  const onLeft = (left: Leg) => (): void => {
    leg.onLeft = undefined;
    answer.leg.onLeft = undefined;
    queuesOf(x).finished(state, member);
    const by = !left.ended ? 'transfer' : left === leg ? 'caller' : 'agent';
    x.emit({ type: 'agentCompleted', ...about, talkedMs: x.clock.now() - begun, by });
  };
  leg.onLeft = onLeft(leg);
  answer.leg.onLeft = onLeft(answer.leg);
  yield* x.untilUnbridged(leg);
}

/** One round of ringing the members of a queue. */
class QueueCall {
  readonly #x: Exchange;
  readonly #caller: Leg;
  readonly #entry: QueueEntry;
  readonly #tried = new Set<QueueMember>();
  readonly #state: QueueState;
  readonly #deadline: number;
  readonly #ringing: { readonly leg: Leg; readonly member: QueueMember }[] = [];
  #begun = 0;
  #answer: QueueAnswer | undefined;
  #resume: (answer: QueueAnswer | undefined) => void = () => {};

  constructor(x: Exchange, entry: QueueEntry, state: QueueState, deadline: number) {
    this.#x = x;
    this.#entry = entry;
    this.#caller = entry.leg;
    this.#state = state;
    this.#deadline = deadline;
  }

  *run(): Routine<QueueAnswer | undefined> {
    if (this.#state.entries[0]?.leg !== this.#caller) return undefined;
    this.#begun = this.#x.clock.now();
    const limit = Math.min(this.#state.ringSeconds * 1000, this.#deadline - this.#begun);
    try {
      return yield* until<QueueAnswer | undefined>((resume) => {
        this.#resume = (answer) => this.#x.soon(() => resume(answer));
        if (!this.#callNext()) this.#resume(undefined);
        return this.#x.after(limit, () => resume(undefined));
      });
    } finally {
      if (!this.#answer) this.#giveUp();
    }
  }

  /** Rings whoever is next. False: there is nobody. */
  #callNext(): boolean {
    const board = queuesOf(this.#x);
    while (this.#ringing.length === 0) {
      const members = board.available(this.#state, this.#entry, this.#tried);
      if (members.length === 0) return false;
      for (const member of members) {
        this.#tried.add(member);
        this.#call(member, this.#state.strategy !== 'ringall');
      }
    }
    return true;
  }

  #call(member: QueueMember, alone: boolean): void {
    const target = member.via
      ? ({ kind: 'local', exten: member.number, context: member.via, optimise: false } as const)
      : ({ kind: 'phone', number: member.number } as const);
    const leg = makeTarget(this.#x, this.#caller, target, 'queue');
    if (!leg) return;
    this.#ringing.push({ leg, member });
    leg.dialledBy = this.#caller;
    leg.listener = (signal) => this.#onSignal(leg, member, signal);
    leg.onPickedUp = (by) => {
      this.#ringing.splice(
        this.#ringing.findIndex((ring) => ring.leg === leg),
        1,
      );
      this.#onAnswered(by, member);
    };
    if (leg.other) this.#x.step(leg, { ...leg.place, exten: this.#state.name }, { kind: 'rung', by: 'queue' });
    startTarget(this.#x, leg);
    const about = { from: this.#caller, to: leg, queue: this.#state.name, member, ringMs: 0 };
    this.#x.emit({ type: 'agentCalled', ...about });
    this.#x.emit({ type: 'dialBegan', from: this.#caller, to: leg, target, by: 'queue' });
    if (alone) this.#x.setConnected(this.#caller, leg.caller);
  }

  #onSignal(leg: Leg, member: QueueMember, signal: LegSignal): void {
    if (signal === 'ringing') this.#x.emit({ type: 'dialProgress', from: this.#caller, to: leg });
    else if (signal === 'answered') this.#onAnswered(leg, member);
    else if (signal === 'ended') this.#onEnded(leg, member);
  }

  #onAnswered(leg: Leg, member: QueueMember): void {
    leg.listener = undefined;
    leg.answeredByService = true;
    this.#answer = { leg, member, ringMs: this.#x.clock.now() - this.#begun };
    const losers = this.#ringing.splice(0).filter((ring) => ring.leg !== leg);
    this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'answered' });
    this.#tellLosers(losers);
    this.#x.setConnected(this.#caller, leg.caller);
    this.#tellLosers(losers);
    for (const loser of losers) this.#drop(loser.leg, 26);
    this.#resume(this.#answer);
  }

  #onEnded(leg: Leg, member: QueueMember): void {
    this.#ringing.splice(
      this.#ringing.findIndex((ring) => ring.leg === leg),
      1,
    );
    this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'noanswer' });
    this.#refused(leg, member);
    if (!this.#callNext()) this.#resume(undefined);
  }

  /** Nobody answered in time, or the caller gave up. */
  #giveUp(): void {
    const rest = this.#ringing.splice(0);
    if (this.#caller.ended) this.#tellLosers(rest);
    else {
      for (const { leg, member } of rest) {
        this.#refused(leg, member);
        this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'noanswer' });
      }
    }
    this.#tellLosers(rest);
    for (const { leg } of rest) this.#drop(leg, 0);
  }

  #refused(leg: Leg, member: QueueMember): void {
    const ringMs = this.#x.clock.now() - this.#begun;
    this.#x.emit({ type: 'agentRefused', from: this.#caller, to: leg, queue: this.#state.name, member, ringMs });
  }

  /** The real thing says it twice. */
  #tellLosers(losers: readonly { readonly leg: Leg }[]): void {
    for (const { leg } of losers)
      this.#x.emit({ type: 'dialEnded', from: this.#caller, to: leg, outcome: 'cancelled' });
  }

  #drop(leg: Leg, cause: number): void {
    leg.listener = undefined;
    this.#x.hangUp(leg, { cause });
  }
}
