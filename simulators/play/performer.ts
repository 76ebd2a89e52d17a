import type { Telephone } from '../model/telephone.ts';
import type { FaultStep, StandingFault } from '../scenario/fault.ts';
import type { Marks } from '../scenario/resolve-expectations.ts';
import type { ClientStep, CommandStep, RequestStep, Scenario, Step } from '../scenario/scenario.ts';
import { checkLine } from './check-line.ts';
import type { ClientUnderTest, ClientView, CommandOutcome } from './client-under-test.ts';
import type { Pace } from './pace.ts';
import { Participants } from './participants.ts';
import type { SimulatedSwitch } from './simulated-switch.ts';
import { StepFailure } from './step-failure.ts';
import type { TimelineEntry } from './timeline.ts';

/** What is there while a scenario is played. */
export interface Live {
  readonly pbx: SimulatedSwitch;
  readonly participants: Participants;
  readonly client: ClientUnderTest;
}

/** Who plays. */
export interface Cast {
  readonly pbx: SimulatedSwitch;
  readonly client: ClientUnderTest;
  readonly pace: Pace;
  /** Told of everything as it happens. */
  readonly onEntry?: (entry: TimelineEntry) => void;
  /** Where steps come from that are made up as the play goes on. @default the scenario's own steps */
  readonly steps?: (live: Live) => Iterable<Step> | AsyncIterable<Step>;
}

/** How long a client may take to be ready before the scenario begins. */
const READY_WITHIN_MS = 10_000;
/** How long a client that was cut off may take to be there again. */
const BACK_WITHIN_MS = 120_000;

/** Services for which the user's own telephone rings first: they are done when it is answered. */
const TELEPHONE_FIRST: readonly CommandStep['service'][] = ['makeCall', 'directedPickupCall'];

/** Plays the steps of a scenario on a simulated switch. Dispose of it when nothing more that is told is of interest. */
export class Performer implements Disposable {
  readonly #scenario: Scenario;
  readonly #cast: Cast;
  readonly #participants: Participants;
  readonly #marks: Record<string, number> = {};
  readonly #endings = new Set<() => void>();
  #stopListening: (() => void) | undefined;
  #zero: number;

  constructor(scenario: Scenario, cast: Cast) {
    this.#scenario = scenario;
    this.#cast = cast;
    this.#zero = cast.pace.clock.now();
    this.#participants = new Participants(scenario, cast.pbx, cast.pace);
  }

  /** The zero of all times: when the scenario began, by the clock. */
  get startedAt(): number {
    return this.#zero;
  }

  /** When each mark was left. */
  get marks(): Marks {
    return this.#marks;
  }

  /** Plays all steps. Rejects with {@link StepFailure} at the first that does not go as the scenario says. */
  async play(): Promise<void> {
    const { pace, client } = this.#cast;
    this.#zero = pace.clock.now();
    this.#stopListening = (client.view ?? client).listen?.(({ time, line, text }) =>
      this.#tell({ t: time - this.#zero, type: 'told', line, text }),
    );
    this.#participants.prepare();
    for (const standing of this.#scenario.faults) this.#begin(standing);
    if (!this.#scenario.late) await this.#connect();
    const steps = this.#cast.steps?.({ ...this.#cast, participants: this.#participants }) ?? this.#scenario.steps;
    for await (const step of steps) await this.#step(step);
  }

  /** Ends the faults that last to the end. */
  heal(): void {
    for (const end of this.#endings) end();
    this.#endings.clear();
  }

  /** Listens to nobody any more. */
  [Symbol.dispose](): void {
    this.#stopListening?.();
    this.#participants.stop();
  }

  #now(): number {
    return this.#cast.pace.clock.now() - this.#zero;
  }

  #tell(entry: TimelineEntry): void {
    this.#cast.onEntry?.(entry);
  }

  #mark(name: string): void {
    let key = name;
    for (let n = 2; key in this.#marks; n++) key = `${name}#${n}`;
    this.#marks[key] = this.#now();
    this.#tell({ t: this.#now(), type: 'mark', mark: key });
  }

  async #step(step: Step): Promise<void> {
    const { text, position } = step;
    if (step.kind !== 'together')
      this.#tell({ t: this.#now(), type: 'step', text, ...(position === undefined ? {} : { position }) });
    try {
      await this.#do(step);
    } catch (error) {
      const failure = error instanceof StepFailure && error.position ? error : failureOf(step, error as Error);
      this.#tell({
        t: this.#now(),
        type: 'failed',
        text: failure.message,
        ...(position === undefined ? {} : { position }),
      });
      throw failure;
    }
  }

  async #do(step: Step): Promise<void> {
    switch (step.kind) {
      case 'act':
        return await this.#participants.act(step, (mark) => this.#mark(mark));
      case 'wait':
        return await this.#cast.pace.pass(step.ms);
      case 'together':
        return void (await Promise.all(step.steps.map((one) => this.#step(one))));
      case 'client':
        return await this.#client(step);
      case 'command':
        return await this.#command(step);
      case 'request':
        return await this.#request(step);
      case 'check':
        return await checkLine(this.#view(), this.#cast.pace, step);
      case 'fault':
        return this.#begin(step);
    }
  }

  async #connect(): Promise<void> {
    const { client, pace } = this.#cast;
    await client.connect();
    const ready = await pace.until(() => client.isReady(), READY_WITHIN_MS);
    if (!ready && this.#scenario.faults.length === 0)
      throw new StepFailure(`${client.name} was not connected within ${READY_WITHIN_MS / 1000} s`);
    this.#mark('record');
    await pace.pass(100);
  }

  async #client({ does }: ClientStep): Promise<void> {
    const { client, pace, pbx } = this.#cast;
    if (does === 'connects') return await this.#connect();
    pbx.dropConnections();
    await pace.until(() => !client.isReady(), 1_000);
    if (!(await pace.until(() => client.isReady(), BACK_WITHIN_MS)))
      throw new StepFailure(`${client.name} did not connect again within ${BACK_WITHIN_MS / 1000} s`);
    this.#mark('record');
  }

  #view(): ClientView {
    const { client } = this.#cast;
    if (!client.view) throw new StepFailure(`${client.name} cannot be asked: only the engine can play this step`);
    return client.view;
  }

  async #command(step: CommandStep): Promise<void> {
    const view = this.#view();
    this.#mark(step.mark ?? step.service);
    let outcome: CommandOutcome | undefined;
    const done = view.command(step).then((one) => {
      outcome = one;
    });
    if (TELEPHONE_FIRST.includes(step.service)) await this.#untilPrompted(step.line, () => outcome !== undefined);
    else await done;
    if (outcome?.ok === false) throw new StepFailure(`${step.service} for ${step.line}: ${outcome.message}`);
  }

  /** Until the user's own telephone rings, or it is clear that it will not. How it goes on is for later steps to say. */
  async #untilPrompted(line: string, isDone: () => boolean): Promise<void> {
    const { legs } = this.#telephone(line);
    const rings = (): boolean => this.#telephone(line).legs.some((leg) => !legs.includes(leg));
    await this.#cast.pace.until(() => isDone() || rings(), READY_WITHIN_MS);
  }

  #telephone(line: string): Telephone {
    return this.#cast.pbx.model.people.phone(line);
  }

  async #request({ pbx, request, answer, mark }: RequestStep): Promise<void> {
    if (pbx !== this.#cast.pbx.kind) return;
    const view = this.#view();
    if (mark !== undefined) this.#mark(mark);
    const word = await view.request(request);
    if (answer !== null && word !== answer) throw new StepFailure(`the answer is ${word}, not ${answer}`);
  }

  #begin({ fault, text, ...step }: StandingFault | FaultStep): void {
    const { pbx, pace } = this.#cast;
    const end = pbx.apply(fault);
    this.#tell({ t: this.#now(), type: 'fault', text, over: false });
    const over = (): void => {
      if (!this.#endings.delete(over)) return;
      end();
      this.#tell({ t: this.#now(), type: 'fault', text, over: true });
    };
    this.#endings.add(over);
    const lastsMs = 'lastsMs' in step ? step.lastsMs : undefined;
    if (lastsMs !== undefined) pace.clock.setTimer(over, lastsMs);
  }
}

function failureOf(step: Step, error: Error): StepFailure {
  const failure = new StepFailure(`${step.text}: ${error.message}`, step.position);
  failure.cause = error;
  return failure;
}
