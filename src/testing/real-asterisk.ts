import { checkLine } from '../../simulators/play/check-line.ts';
import { realPace } from '../../simulators/play/pace.ts';
import type { TimelineEntry } from '../../simulators/play/timeline.ts';
import {
  type Asterisk,
  isStranger,
  type PlayOptions,
  playScenario,
  reasonNotToPlay,
  startAsterisk,
} from '../../simulators/real-asterisk/index.ts';
import { compareHistories } from '../../simulators/scenario/compare.ts';
import { DEFAULT_LINES } from '../../simulators/scenario/default-office.ts';
import type { Histories } from '../../simulators/scenario/expectation.ts';
import { type Marks, resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
import type { CommandStep, Position, Scenario, Step } from '../../simulators/scenario/scenario.ts';
import { systemClock } from '../domain/clock.ts';
import { asteriskEngine } from './asterisk-engine.ts';
import type { EngineClient } from './engine-client.ts';
import type { Problem, RunResult } from './run-scenario.ts';

/** How a scenario is played on a real switch. */
export interface RealRunOptions {
  /** Told of everything as it happens. */
  readonly onEntry?: (entry: TimelineEntry) => void;
}

/** Actions that the engine must know to be its own program's: they go over its own connection. */
const OWN_ACTIONS: ReadonlySet<string> = new Set(['Hangup', 'Redirect', 'BlindTransfer', 'Atxfer', 'Park', 'Bridge']);
const READY_WITHIN_MS = 15_000;
/** What an adapter keeps for a moment to explain it is told within this. */
const AFTERGLOW_MS = 1_500;

/** A real Asterisk that scenarios are played on, with our engine connected. See simulators/real-asterisk. */
export class RealAsterisk implements AsyncDisposable {
  /** `real-asterisk@22`. */
  readonly name: string;
  readonly #asterisk: Asterisk;

  /** See {@link RealAsterisk.start}. */
  constructor(asterisk: Asterisk) {
    this.#asterisk = asterisk;
    this.name = `real-asterisk@${asterisk.version}`;
  }

  /** Installs it on first use and starts it; `log` is told what goes on. Rejects where that cannot be done. */
  static async start(version: '22' | '16', log: (text: string) => void): Promise<RealAsterisk> {
    return new RealAsterisk(await startAsterisk({ version, log }));
  }

  /** Why it cannot play a scenario; `undefined`: it can. */
  whyNot(scenario: Scenario): string | undefined {
    if (scenario.group === 'destructive') return 'it takes the switch down';
    if (isStranger(scenario)) return 'its client does not log in';
    if (scenario.steps.some(({ kind, ...step }) => kind === 'client' && 'does' in step && step.does === 'reconnects'))
      return 'its client reconnects';
    return reasonNotToPlay(scenario, { onCommand: true, onCheck: true });
  }

  /** Plays a scenario as often as it allows, until it passes. */
  async play(scenario: Scenario, options: RealRunOptions = {}): Promise<RunResult> {
    for (let tries = scenario.tries; ; tries--) {
      const result = await new RealRun(this.#asterisk, this.name, scenario, options).play();
      if (result.passed || tries <= 1) return result;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asterisk.stop();
  }
}

class RealRun {
  readonly #asterisk: Asterisk;
  readonly #name: string;
  readonly #scenario: Scenario;
  readonly #onEntry: RealRunOptions['onEntry'];
  readonly #timeline: TimelineEntry[] = [];
  readonly #problems: Problem[] = [];
  readonly #marks: Record<string, number> = {};
  readonly #pace = realPace(systemClock);
  readonly #client: EngineClient;
  readonly #zero = systemClock.now();
  #step: Step | undefined;

  constructor(asterisk: Asterisk, name: string, scenario: Scenario, { onEntry }: RealRunOptions) {
    const { host, amiPort: port, user: username, secret } = asterisk;
    this.#asterisk = asterisk;
    this.#name = name;
    this.#scenario = scenario;
    this.#onEntry = onEntry;
    const lines = Object.keys(DEFAULT_LINES);
    this.#client = asteriskEngine({ host, port, username, secret, lines, clock: systemClock });
  }

  async play(): Promise<RunResult> {
    const stopListening = this.#client.listen(({ time, line, text }) =>
      this.#tell({ t: time - this.#zero, type: 'told', line, text }),
    );
    let told: Histories = {};
    try {
      const truth = await playScenario(this.#asterisk, { ...this.#scenario, tries: 1 }, this.#hooks());
      await this.#pace.pass(AFTERGLOW_MS);
      told = this.#client.histories(Object.keys(DEFAULT_LINES), truth.startedAt);
      this.#compare(told);
    } catch (error) {
      this.#failed(error as Error);
    } finally {
      stopListening();
      await this.#client[Symbol.asyncDispose]();
    }
    return this.#result(told);
  }

  #hooks(): PlayOptions {
    const client = this.#client;
    return {
      user: this.#asterisk.user,
      onClient: () => this.#connect(),
      onAction: async (action) => {
        if (!OWN_ACTIONS.has(String(action['Action']))) return false;
        await client.request(action);
        return true;
      },
      onCommand: (step) => this.#command(step),
      onCheck: (step) => checkLine(client.view, this.#pace, step),
      onStep: (step, t) => {
        this.#step = step;
        const { text, position, kind } = step;
        if (kind !== 'together') this.#tell({ t, type: 'step', text, ...placed(position) });
      },
      onMark: (mark, t) => {
        this.#marks[mark] = t;
        this.#tell({ t, type: 'mark', mark });
      },
    };
  }

  async #connect(): Promise<void> {
    await this.#client.connect();
    if (await this.#pace.until(() => this.#client.isReady(), READY_WITHIN_MS)) return;
    throw new Error(`${this.#client.name} was not connected within ${READY_WITHIN_MS / 1000} s`);
  }

  /** Until the service is done, or the line has another call: then the user's own telephone rings first. */
  async #command(step: CommandStep): Promise<void> {
    const { service, line } = step;
    const before = this.#client.lineNow(line).states.length;
    const done = this.#client.command(step);
    const rings = this.#pace.until(() => this.#client.lineNow(line).states.length > before, READY_WITHIN_MS);
    const outcome = await Promise.race([done, rings]);
    if (typeof outcome === 'object' && !outcome.ok) throw new Error(`${service} for ${line}: ${outcome.message}`);
  }

  #compare(told: Histories): void {
    const { exact, expect } = this.#scenario;
    const marks: Marks = this.#marks;
    const wanted = resolveExpectations(this.#scenario, marks);
    for (const { line, call, text } of compareHistories(wanted, told, { exact, from: marks['record'] ?? 0 }))
      this.#problems.push({ text, ...placed(call === undefined ? undefined : expect[line]?.[call]?.position) });
    const illegal = this.#client.illegalEvents();
    if (illegal > 0) this.#problems.push({ text: `${illegal} events that were told could not happen` });
  }

  #failed({ message }: Error): void {
    const text = message.replace(`scenario ${this.#scenario.name}: `, '').replace(/^step '(.*?)': /, '$1: ');
    const problem = { text, ...placed(this.#step?.position) };
    this.#problems.push(problem);
    this.#tell({ t: systemClock.now() - this.#zero, type: 'failed', ...problem });
  }

  #tell(entry: TimelineEntry): void {
    this.#timeline.push(entry);
    this.#onEntry?.(entry);
  }

  #result(told: Histories): RunResult {
    return {
      scenario: this.#scenario,
      against: this.#name,
      client: this.#client.name,
      passed: this.#problems.length === 0,
      problems: this.#problems,
      expectationsChecked: true,
      timeline: this.#timeline,
      startedAt: this.#zero,
      marks: this.#marks,
      told,
      lastedMs: systemClock.now() - this.#zero,
    };
  }
}

function placed(position: Position | undefined): { readonly position?: Position } {
  return position === undefined ? {} : { position };
}
