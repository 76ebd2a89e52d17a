import type { Leg } from '../model/leg.ts';
import type { CallHistory, CauseWord, ExpectedOther, ExpectedParty, HistoryState } from '../scenario/expectation.ts';
import { isSameParty } from './parties.ts';

/** Who ended a call at a line. */
export type Agent = NonNullable<CallHistory['endedBy']>;

/** A call leaves a telephone for a reason that is known before it has ended there. */
export interface Leaving {
  readonly cause: CauseWord;
  readonly by: Agent;
}

/** Facts that a story collects; they have the names of {@link CallHistory}. */
export interface Facts {
  dialled?: string;
  originated?: true;
  consultation?: true;
  queue?: string;
  conference?: string;
  transferredTo?: ExpectedOther;
  transferredBy?: ExpectedOther;
  divertedTo?: ExpectedOther;
  divertedFrom?: ExpectedOther;
  pickedUpBy?: ExpectedOther;
  pickedUpFrom?: ExpectedOther;
  parkedAt?: string;
  retrievedFrom?: string;
  returnedFrom?: string;
  missed?: boolean;
}

/** What was seen of a call at one moment. */
export interface Sight {
  readonly local: string;
  readonly remote?: string | undefined;
  readonly party?: ExpectedParty | null | undefined;
  /** Of a remote side that has failed: why. */
  readonly why?: CauseWord | undefined;
}

/** One call at one line, as it unfolds. */
export class Story {
  readonly leg: Leg;
  readonly line: string;
  readonly begunAt: number;
  /** Who was there when it came. */
  offeredBy: ExpectedParty | undefined;
  /** Who takes a call that rings elsewhere has one that came in. */
  direction: 'in' | 'out';
  readonly facts: Facts = {};
  /** Known before the end. */
  leaving: Leaving | undefined;
  /** Whoever called had gone before it ended here. */
  isAbandoned = false;
  /** The status that the telephone refused with. */
  refusedWith: number | undefined;
  sent = '';
  received = '';
  readonly #states: HistoryState[] = [];
  #remote: ExpectedParty | null;
  /** Who is at the other side now, once somebody was. */
  #party: ExpectedParty | undefined;
  #why: CauseWord | undefined;
  #talkStart: number | undefined;
  #end: { readonly t: number; readonly cause: CauseWord; readonly by: Agent } | undefined;

  /** `presumed`: who is called, of whom nothing was seen yet. */
  constructor(leg: Leg, direction: 'in' | 'out', begunAt: number, presumed: ExpectedParty | null) {
    this.leg = leg;
    this.line = leg.line.kind === 'phone' ? leg.line.number : '';
    this.begunAt = begunAt;
    this.direction = direction;
    this.#remote = presumed;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Nobody at the telephone was ever told of it. */
  get isUnseen(): boolean {
    return this.#states.length === 0;
  }

  get seenSince(): number | undefined {
    return this.#states[0]?.t;
  }

  get last(): HistoryState | undefined {
    return this.#states.at(-1);
  }

  /** Its own telephone refused it. */
  get hasRefused(): boolean {
    return this.refusedWith !== undefined;
  }

  /** Why the other side has failed, if that is what is seen now. */
  get failure(): CauseWord | undefined {
    return this.last?.remote === 'fail' ? (this.#why ?? 'unknown') : undefined;
  }

  /** Both sides were connected. */
  get hasTalked(): boolean {
    return this.#talkStart !== undefined;
  }

  /** Somebody was at the other side. */
  get hasMet(): boolean {
    return this.#party !== undefined;
  }

  /** What is so now; nothing is noted where it was so before. */
  see(t: number, { local, remote, party, why }: Sight): void {
    this.#why = why;
    const moved = party ? this.#meet(party) : undefined;
    if (local === 'connected' && remote === 'connected') this.#talkStart ??= t;
    const last = this.last;
    if (moved === undefined && last?.local === local && last.remote === remote) return;
    this.#states.push({
      t,
      local,
      ...(remote === undefined ? {} : { remote }),
      ...(moved === undefined ? {} : { remoteParty: moved }),
    });
  }

  /** Nobody should be told of it. */
  forget(): void {
    this.#states.length = 0;
    this.#party = undefined;
  }

  end(t: number, cause: CauseWord, by: Agent): void {
    this.#states.push({ t, local: 'null', remote: 'null' });
    this.#end = { t, cause, by };
  }

  /** As it is now. A call that goes on has the cause `unknown`, and nobody has ended it but the end of the story. */
  history(): CallHistory {
    const digits = { ...(this.received && { received: this.received }), ...(this.sent && { sent: this.sent }) };
    return {
      direction: this.direction,
      remote: this.#remote,
      cause: this.#end?.cause ?? 'unknown',
      endedBy: this.#end?.by ?? 'pbx',
      ...this.facts,
      ...(Object.keys(digits).length === 0 ? {} : { digits }),
      answered: this.hasTalked,
      ...(this.#talkStart === undefined ? {} : { talkStart: this.#talkStart }),
      ...(this.#end === undefined ? {} : { end: this.#end.t }),
      states: [...this.#states],
    };
  }

  /** The party, if it is somebody else than before. */
  #meet(party: ExpectedParty): ExpectedParty | undefined {
    const before = this.#party;
    this.#party = party;
    if (before === undefined) this.#remote = party;
    return before === undefined || isSameParty(before, party) ? undefined : party;
  }
}
