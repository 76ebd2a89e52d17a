import type {
  ClientUnderTest,
  ClientView,
  CommandOutcome,
  LineNow,
  Told,
} from '../../simulators/play/client-under-test.ts';
import type { Histories } from '../../simulators/scenario/expectation.ts';
import type { CommandStep } from '../../simulators/scenario/scenario.ts';
import type { Adapter } from '../adapters/port.ts';
import type { Call, LineCall } from '../domain/call.ts';
import type { Clock } from '../domain/clock.ts';
import type { Command } from '../domain/command.ts';
import type { DeviceId } from '../domain/device.ts';
import type { EngineEvent } from '../domain/journal.ts';
import type { Logger } from '../domain/logger.ts';
import { type CallRecord, CallRecorder } from '../engine/call-records.ts';
import { createEngine, type Engine } from '../engine/index.ts';
import { describeLineCall } from './describe.ts';
import { truthOf } from './truth.ts';

/** What an engine under test is made of. */
export interface EngineClientOptions {
  readonly adapter: Adapter;
  readonly clock: Clock;
  /** The lines to watch. */
  readonly lines: readonly DeviceId[];
  /** Sends a request in the switch's own language over the adapter's connection. */
  readonly request: (request: unknown) => Promise<string>;
  readonly logger?: Logger;
}

/** Our own engine, as a client under test. */
export class EngineClient implements ClientUnderTest, ClientView {
  readonly name = 'the engine';
  readonly #options: EngineClientOptions;
  readonly #recorder = new CallRecorder();
  readonly #calls = new Map<string, Call>();
  readonly #listeners = new Set<(told: Told) => void>();
  /** What was last said of each call of a line, so that only changes are told. */
  readonly #said = new Map<string, string>();
  #onEvent: (event: EngineEvent) => void = () => {};
  #illegal = 0;
  #engine: Engine | undefined;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  get view(): ClientView {
    return this;
  }

  /** The engine, once it connects. */
  get engine(): Engine | undefined {
    return this.#engine;
  }

  async connect(): Promise<void> {
    const { adapter, clock, lines, logger } = this.#options;
    const engine = createEngine({
      adapters: [adapter],
      lines: lines.map((device) => ({ device })),
      clock,
      ...(logger === undefined ? {} : { logger }),
    });
    this.#engine = engine;
    engine.events$.subscribe((event) => {
      this.#onEvent(event);
      this.#take(event);
    });
  }

  /** From now on, every event of the engine is told to this listener. */
  observe(listener: (event: EngineEvent) => void): void {
    this.#onEvent = listener;
  }

  isReady(): boolean {
    return this.#engine?.snapshot().links.every(({ state }) => state === 'up') ?? false;
  }

  lineNow(line: string): LineNow {
    const state = this.#engine?.line(line)?.state ?? 'unknown';
    const calls = this.#engine?.lineCalls(line) ?? [];
    return { known: state !== 'unknown', states: calls.map((call) => call.state).filter((one) => one !== 'null') };
  }

  histories(lines: readonly string[], zero: number): Histories {
    const records = this.#recorder.records().map((record) => onClock(record, zero));
    return truthOf(records, lines, { country: 'GB' }) as Histories;
  }

  illegalEvents(): number {
    return this.#illegal;
  }

  async command(step: CommandStep): Promise<CommandOutcome> {
    const command = this.#commandOf(step);
    if (typeof command === 'string') return { ok: false, message: command };
    const result = await this.#engine!.execute(command);
    return result.ok ? result : { ok: false, message: result.message };
  }

  request(request: unknown): Promise<string> {
    return this.#options.request(request);
  }

  listen(listener: (told: Told) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.stop();
  }

  #take(event: EngineEvent): void {
    if (event.kind === 'link') this.#tell(event.time, 'link', event.status.state);
    if (event.kind !== 'call') return;
    this.#calls.set(event.call.id, event.call);
    this.#illegal = Math.max(this.#illegal, event.call.illegalEvents);
    if (event.event !== 'recognised') this.#recorder.update(event.call, event.resync);
    for (const { device, text, id } of describeLineCall(event.call)) {
      if (this.#said.get(id) === text) continue;
      this.#said.set(id, text);
      this.#tell(event.time, device, text);
    }
  }

  #tell(time: number, line: string, text: string): void {
    for (const listener of this.#listeners) listener({ time, line, text });
  }

  #commandOf({ service, line, number = '' }: CommandStep): Command | string {
    if (service === 'makeCall') return { type: service, device: line, number };
    if (service === 'directedPickupCall') {
      const target = this.#callIn(number, 'alerting');
      return target === undefined
        ? `no call rings at ${number}`
        : { type: service, device: line, connection: target.id };
    }
    const call = this.#callIn(line, ...STATES_FOR[service]);
    if (call === undefined) return `the engine knows no such call of ${line}`;
    const connection = call.id;
    if (service === 'generateDigits') return { type: service, connection, digits: number };
    if (service === 'singleStepTransferCall' || service === 'consultationCall' || service === 'deflectCall')
      return { type: service, connection, number };
    return { type: service, connection };
  }

  /** A call of a line in one of these states; those that come first are preferred. */
  #callIn(line: string, ...states: readonly LineCall['state'][]): LineCall | undefined {
    const calls = this.#engine?.lineCalls(line) ?? [];
    for (const state of states) {
      const call = calls.findLast((one) => one.state === state);
      if (call !== undefined) return call;
    }
    return undefined;
  }
}

/** Which call of a line is meant by a service, by its state. */
const STATES_FOR = {
  answerCall: ['alerting'],
  deflectCall: ['alerting'],
  clearConnection: ['connected', 'alerting', 'initiated', 'hold', 'queued', 'fail'],
  holdCall: ['connected'],
  retrieveCall: ['hold'],
  singleStepTransferCall: ['connected', 'hold'],
  consultationCall: ['connected', 'hold'],
  transferCall: ['hold'],
  parkCall: ['connected', 'hold'],
  generateDigits: ['connected'],
} as const satisfies Partial<Record<CommandStep['service'], readonly LineCall['state'][]>>;

function onClock(record: CallRecord, zero: number): CallRecord {
  const shifted = { ...record, states: record.states.map((state) => ({ ...state, at: state.at - zero })) };
  if (record.talkStart !== undefined) shifted.talkStart = record.talkStart - zero;
  if (record.end !== undefined) shifted.end = record.end - zero;
  return shifted;
}
