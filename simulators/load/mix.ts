import { exponential, type Random } from './random.ts';

/** What kinds of calls there are. */
export const CALL_KINDS = [
  'inbound',
  'missed',
  'rejected',
  'internal',
  'outbound',
  'held',
  'blindTransfer',
  'attendedTransfer',
  'queue',
] as const;

/** One of {@link CALL_KINDS}. */
export type CallKind = (typeof CALL_KINDS)[number];

/** How often each kind comes, in any unit. */
export type Mix = Readonly<Record<CallKind, number>>;

/** An office: most calls come from outside and are answered. Per cent. */
export const OFFICE_MIX: Mix = {
  inbound: 52,
  missed: 10,
  rejected: 3,
  internal: 12,
  outbound: 10,
  held: 5,
  blindTransfer: 2,
  attendedTransfer: 2,
  queue: 4,
};

/** How many lines a call of each kind takes. A queue has its own. */
export const LINES_OF: Readonly<Record<CallKind, number>> = {
  inbound: 1,
  missed: 1,
  rejected: 1,
  internal: 2,
  outbound: 1,
  held: 1,
  blindTransfer: 2,
  attendedTransfer: 2,
  queue: 0,
};

/** Everything about a call that chance decides, drawn before it begins. Times in milliseconds. */
export interface CallDraft {
  readonly serial: number;
  readonly kind: CallKind;
  /** Who calls from outside: the next of as many numbers as there are callers. */
  readonly from: string;
  readonly name?: string;
  readonly withheld: boolean;
  /** Chooses a queue: from 0 to below 1. */
  readonly queue: number;
  readonly ringMs: number;
  readonly talkMs: number;
  /** The calling side hangs up. */
  readonly callerEnds: boolean;
}

const NAMES = ['Carol Customer', 'DAVE DEALER INC', 'Jörg Größe', 'WIRELESS CALLER', 'Żaneta Ćwik'];

/** What calls are drawn from. */
export interface DrawOptions {
  readonly mix: Mix;
  readonly meanTalkMs: number;
  /** How many different callers from outside there are, 100,000 at most. */
  readonly callers: number;
  readonly random: Random;
}

/** Draws calls. For the same random numbers they are the same, whatever became of those before. */
export function drawCall(serial: number, { mix, meanTalkMs, callers, random }: DrawOptions): CallDraft {
  const kind = drawKind(mix, random());
  const [who, ring, queue, ends] = [random(), random(), random(), random()];
  const talkMs = Math.min(Math.max(500, exponential(random, meanTalkMs)), meanTalkMs * 6);
  return {
    serial,
    kind,
    from: `+4420794${String(serial % callers).padStart(5, '0')}`,
    ...(who < 0.5 ? { name: NAMES[serial % NAMES.length]! } : {}),
    withheld: who > 0.97,
    queue,
    ringMs: 1_000 + ring * 4_000,
    talkMs,
    callerEnds: ends < 0.6,
  };
}

function drawKind(mix: Mix, drawn: number): CallKind {
  const total = CALL_KINDS.reduce((sum, kind) => sum + mix[kind], 0);
  let rest = drawn * total;
  for (const kind of CALL_KINDS) {
    rest -= mix[kind];
    if (rest < 0) return kind;
  }
  return 'inbound';
}
