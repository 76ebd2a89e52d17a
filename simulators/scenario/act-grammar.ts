import type { ActVerb, Seen } from './scenario.ts';

/** What may come after a verb and what belongs to it. */
export type Clause = 'as' | 'on' | 'showing' | 'with' | 'silently' | 'inactive' | 'within' | 'every';

/** What comes between a verb and its clauses. */
export type Argument = 'number' | 'to-number' | 'maybe-number' | 'leg' | 'seen' | 'keys' | 'for-time';

/** How sentences with a verb are built, and which mark they leave. */
export interface VerbForm {
  readonly words: readonly string[];
  readonly argument?: Argument;
  readonly clauses: readonly Clause[];
  /** `new`: gives somebody a call; `known`: is about one that they have. */
  readonly leg: 'new' | 'known' | 'none';
  /** After the label; `sees` leaves what was seen. */
  readonly mark?: string;
}

/** All sentences that begin with somebody. */
export const VERBS: Readonly<Record<ActVerb, VerbForm>> = {
  calls: { words: ['calls'], argument: 'number', clauses: ['as'], leg: 'new', mark: 'call' },
  rings: { words: ['rings'], clauses: ['as', 'showing', 'with', 'silently', 'within'], leg: 'new', mark: 'ring' },
  answers: { words: ['answers'], clauses: ['on'], leg: 'known', mark: 'answer' },
  rejects: { words: ['rejects'], clauses: ['with', 'on'], leg: 'known', mark: 'reject' },
  deflects: { words: ['deflects'], argument: 'to-number', clauses: ['on'], leg: 'known', mark: 'reject' },
  'hangs-up': { words: ['hangs', 'up'], clauses: ['on'], leg: 'known', mark: 'hangup' },
  sees: { words: ['sees'], argument: 'seen', clauses: ['with', 'on', 'within'], leg: 'known' },
  holds: { words: ['holds'], clauses: ['on', 'inactive'], leg: 'known', mark: 'hold' },
  resumes: { words: ['resumes'], clauses: ['on'], leg: 'known', mark: 'resume' },
  refers: { words: ['refers'], argument: 'to-number', clauses: ['on'], leg: 'known', mark: 'refer' },
  joins: { words: ['joins'], argument: 'leg', clauses: ['on'], leg: 'known', mark: 'transfer' },
  parks: { words: ['parks'], clauses: ['on'], leg: 'known', mark: 'refer' },
  'picks-up': { words: ['picks', 'up'], argument: 'maybe-number', clauses: ['as'], leg: 'new', mark: 'call' },
  presses: { words: ['presses'], argument: 'keys', clauses: ['on', 'every'], leg: 'known', mark: 'dtmf' },
  talks: { words: ['talks'], argument: 'for-time', clauses: ['on'], leg: 'known' },
  registers: { words: ['registers'], clauses: [], leg: 'none', mark: 'register' },
  unregisters: { words: ['unregisters'], clauses: [], leg: 'none', mark: 'unregister' },
  watches: { words: ['watches'], argument: 'number', clauses: [], leg: 'none', mark: 'watch' },
};

/** What somebody can wait to see. */
export const SEEN: readonly Seen[] = ['answered', 'ended', 'rejected', 'progress', 'ringing'];

/** The verbs that only a telephone of the office has. */
export const OFFICE_VERBS: readonly ActVerb[] = ['registers', 'unregisters', 'watches', 'picks-up', 'parks'];
