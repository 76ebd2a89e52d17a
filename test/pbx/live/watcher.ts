import { filter, firstValueFrom, timeout } from 'rxjs';
import type { Truth } from '../../../simulators/real-asterisk/index.ts';
import { type AsteriskAmiOptions, asteriskAmi } from '../../../src/adapters/asterisk-ami/index.ts';
import type { Call } from '../../../src/domain/call.ts';
import type { EngineEvent, LinkStatus } from '../../../src/domain/journal.ts';
import { type CallRecord, CallRecorder } from '../../../src/engine/call-records.ts';
import { createEngine, type Engine } from '../../../src/engine/index.ts';
import { truthOf } from '../../../src/testing/truth.ts';
import type { TruthEntry } from '../../conformance/compare.ts';

const PLAN = { country: 'GB' } as const;

/** An engine on a real switch, and the story of the calls that it tells. */
export class Watcher implements AsyncDisposable {
  readonly engine: Engine;
  /** The calls since `begin`, as they were last told. */
  readonly calls = new Map<string, Call>();
  readonly events: EngineEvent[] = [];
  #recorder = new CallRecorder();

  constructor(options: AsteriskAmiOptions) {
    this.engine = createEngine({ adapters: [asteriskAmi({ link: 'live', ...options })] });
    this.engine.events$.subscribe((event) => this.#take(event));
  }

  /** Resolves when the link is up. */
  up(withinMs = 15_000): Promise<LinkStatus> {
    return this.link((status) => status.state === 'up', withinMs);
  }

  /** Resolves when the link is as wanted. */
  link(wanted: (status: LinkStatus) => boolean, withinMs = 15_000): Promise<LinkStatus> {
    const now = this.engine.snapshot().links[0];
    if (now !== undefined && wanted(now)) return Promise.resolve(now);
    return firstValueFrom(this.engine.links$.pipe(filter(wanted), timeout(withinMs)));
  }

  /** Forgets what was told: a new scenario begins. */
  begin(): void {
    this.#recorder = new CallRecorder();
    this.calls.clear();
    this.events.length = 0;
  }

  /** What was told since `begin`, in the schema and on the clock of the truth. */
  told(truth: Truth): Record<string, TruthEntry[]> {
    const records = this.#recorder.records().map((record) => onClock(record, truth.startedAt));
    return truthOf(records, Object.keys(truth.extensions), PLAN) as unknown as Record<string, TruthEntry[]>;
  }

  /** Events that could not happen, by the call machine's judgement. */
  get illegalEvents(): number {
    return Math.max(0, ...[...this.calls.values()].map((call) => call.illegalEvents));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.engine.stop();
  }

  #take(event: EngineEvent): void {
    this.events.push(event);
    if (event.kind !== 'call') return;
    this.calls.set(event.call.id, event.call);
    if (event.event !== 'recognised') this.#recorder.update(event.call, event.resync);
  }
}

function onClock(record: CallRecord, zero: number): CallRecord {
  const shifted = { ...record, states: record.states.map((state) => ({ ...state, at: state.at - zero })) };
  if (record.talkStart !== undefined) shifted.talkStart = record.talkStart - zero;
  if (record.end !== undefined) shifted.end = record.end - zero;
  return shifted;
}
