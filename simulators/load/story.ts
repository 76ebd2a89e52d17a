import type { Clock } from '../../src/domain/clock.ts';
import type { People, PlacedCall } from '../model/people.ts';
import { type Routine, until } from '../model/routine.ts';
import type { CallDraft } from './mix.ts';

/** What a call's story is told with. */
export interface Stage {
  readonly clock: Clock;
  readonly people: People;
  /** As many lines as the kind of call needs. */
  readonly lines: readonly string[];
  readonly queues: readonly string[];
  /** The calls from outside that were placed. */
  readonly placed: PlacedCall[];
}

/** People wait on the clock itself: each thing that they do is one of its own to the exchange. */
function* pause({ clock }: Stage, ms: number): Routine {
  yield* until<void>((resume) => clock.setTimer(() => resume(), Math.ceil(ms)));
}

/** What people do in one call, from the first digit to the last hang-up. Throws when the call is not as it should be. */
export function* tellCall(stage: Stage, draft: CallDraft): Routine {
  const { kind } = draft;
  if (kind === 'missed') yield* missed(stage, draft);
  else if (kind === 'rejected') yield* rejected(stage, draft);
  else if (kind === 'internal') yield* internal(stage, draft);
  else if (kind === 'outbound') yield* outbound(stage, draft);
  else if (kind === 'blindTransfer') yield* blindTransfer(stage, draft);
  else if (kind === 'attendedTransfer') yield* attendedTransfer(stage, draft);
  else if (kind === 'queue') yield* queued(stage, draft);
  else yield* inbound(stage, draft);
}

function* inbound(stage: Stage, draft: CallDraft): Routine {
  const { people, lines } = stage;
  const call = dialIn(stage, draft, lines[0]!);
  const line = people.phone(lines[0]!);
  yield* pause(stage, draft.ringMs);
  line.answer();
  if (draft.kind === 'held') {
    yield* pause(stage, draft.talkMs / 3);
    line.hold();
    yield* pause(stage, draft.talkMs / 3);
    line.resume();
    yield* pause(stage, draft.talkMs / 3);
  } else yield* pause(stage, draft.talkMs);
  if (draft.callerEnds) call.hangup();
  else line.hangup();
}

/** Somebody lets it ring for a while and gives up. */
function* missed(stage: Stage, draft: CallDraft): Routine {
  const call = dialIn(stage, draft, stage.lines[0]!);
  yield* pause(stage, draft.ringMs * 2);
  call.hangup();
}

function* rejected(stage: Stage, draft: CallDraft): Routine {
  dialIn(stage, draft, stage.lines[0]!);
  yield* pause(stage, draft.ringMs);
  stage.people.phone(stage.lines[0]!).reject(draft.callerEnds ? 486 : 603);
  // Who is told so hears it for a moment.
  yield* pause(stage, 1_000);
}

function* internal(stage: Stage, draft: CallDraft): Routine {
  const { people, lines } = stage;
  const [caller, called] = [people.phone(lines[0]!), people.phone(lines[1]!)];
  caller.dial(lines[1]!);
  yield* pause(stage, draft.ringMs);
  called.answer();
  yield* pause(stage, draft.talkMs);
  if (draft.callerEnds) caller.hangup();
  else called.hangup();
}

function* outbound(stage: Stage, draft: CallDraft): Routine {
  const { people, lines } = stage;
  const number = `0049302312${String(draft.serial % 1000).padStart(4, '0')}`;
  const line = people.phone(lines[0]!);
  line.dial(number);
  yield* pause(stage, draft.ringMs);
  people.outside(number).answer();
  yield* pause(stage, draft.talkMs);
  line.hangup();
}

function* blindTransfer(stage: Stage, draft: CallDraft): Routine {
  const { people, lines } = stage;
  const call = dialIn(stage, draft, lines[0]!);
  yield* pause(stage, draft.ringMs);
  people.phone(lines[0]!).answer();
  yield* pause(stage, draft.talkMs / 2);
  people.phone(lines[0]!).refer(lines[1]!);
  yield* pause(stage, draft.ringMs);
  people.phone(lines[1]!).answer();
  yield* pause(stage, draft.talkMs / 2);
  call.hangup();
}

function* attendedTransfer(stage: Stage, draft: CallDraft): Routine {
  const { people, lines } = stage;
  const call = dialIn(stage, draft, lines[0]!);
  const [first, second] = [people.phone(lines[0]!), people.phone(lines[1]!)];
  yield* pause(stage, draft.ringMs);
  first.answer();
  yield* pause(stage, draft.talkMs / 3);
  first.hold();
  first.dial(lines[1]!, { leg: 'consultation' });
  yield* pause(stage, draft.ringMs);
  second.answer();
  yield* pause(stage, draft.talkMs / 3);
  first.attendedTransfer({ into: 'consultation' });
  yield* pause(stage, draft.talkMs / 3);
  call.hangup();
}

/** The agents of queues answer by themselves; a caller for whom nobody is free waits, and leaves after a while. */
function* queued(stage: Stage, draft: CallDraft): Routine {
  const queue = stage.queues[Math.floor(draft.queue * stage.queues.length)];
  if (queue === undefined) return;
  const call = dialIn(stage, draft, queue);
  yield* pause(stage, draft.ringMs + draft.talkMs);
  call.hangup();
}

function dialIn({ people, placed }: Stage, { from, name, withheld }: CallDraft, to: string): PlacedCall {
  const call = people.call({ from, to, withheld, ...(name === undefined ? {} : { name }) });
  placed.push(call);
  return call;
}
