import { randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import { OffhookError } from '../../domain/error.ts';
import { Pending } from '../shared/pending.ts';
import { isOk } from './command.ts';
import type { EslEvent } from './message.ts';
import type { EslAnswer } from './session.ts';

/** What a session did not pass on, by reason. */
export interface EslSessionStats {
  /** Unwanted events, dropped before they were decoded. */
  readonly unwanted: number;
  /** Results of jobs of other clients, and of own ones that nobody waits for any more. */
  readonly foreignJobs: number;
  /** Frames above the limit. */
  readonly oversized: number;
}

/** Counts of one connection or of many. */
export type Counts = { -readonly [Key in keyof EslSessionStats]: number };

/** Counts that are all 0. */
export function noCounts(): Counts {
  return { unwanted: 0, foreignJobs: 0, oversized: 0 };
}

/** Background jobs of one session: ids of our own, results by BACKGROUND_JOB. */
export class Jobs {
  readonly #pending: Pending<EslAnswer>;
  readonly #counts: Counts;

  constructor(clock: Clock, maxPending: number, counts: Counts) {
    this.#pending = new Pending({ clock, maxPending, idName: 'Job-UUID' });
    this.#counts = counts;
  }

  /** Begins to wait; tells the id. Throws `link.overloaded` when too many do. */
  add(action: string, timeoutMs: number, settle: (outcome: EslAnswer | OffhookError) => void): string {
    const id = randomUUID();
    this.#pending.add({ id, action, timeoutMs, settle });
    return id;
  }

  /** The switch refused to run it. */
  refused(id: string, text: string): void {
    this.#pending.settle(id, { ok: false, text, coreUuid: '' });
  }

  /** Ends one with an error. */
  fail(id: string, error: OffhookError): void {
    this.#pending.settle(id, error);
  }

  /** Ends all with an error. */
  failAll(error: (action: string) => OffhookError): void {
    this.#pending.failAll(error);
  }

  /** True for an event that belongs on the stream. Results of jobs are handed to those who wait. */
  admit(event: EslEvent): boolean {
    if (event.name !== 'BACKGROUND_JOB') return true;
    const text = event.body;
    const answer = { ok: isOk(text), text, coreUuid: event.get('Core-UUID') ?? '' };
    if (!this.#pending.settle(event.get('Job-UUID'), answer)) this.#counts.foreignJobs++;
    return false;
  }
}

/** An error for what waits when a connection ends. */
export function lost(reason: string): (action: string) => OffhookError {
  return (action) => new OffhookError('link.lost', `${action}: ${reason}`, { retryable: true });
}
