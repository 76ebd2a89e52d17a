import type { Service } from '../../simulators/generate/commands.ts';
import { Director } from '../../simulators/generate/director.ts';
import type { Feature } from '../../simulators/generate/features.ts';
import { withTruth } from '../../simulators/generate/truth.ts';
import { seededRandom } from '../../simulators/load/random.ts';
import type { Live } from '../../simulators/play/performer.ts';
import { compareHistories } from '../../simulators/scenario/compare.ts';
import type { CallHistory, Histories } from '../../simulators/scenario/expectation.ts';
import type { FaultType } from '../../simulators/scenario/fault.ts';
import { resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
import type { Scenario, Step, WaitStep } from '../../simulators/scenario/scenario.ts';
import { createWitness, type Witness } from '../../simulators/witness/create-witness.ts';
import type { EngineClient } from '../../src/testing/engine-client.ts';
import { Invariants } from '../../src/testing/invariants.ts';
import { type RunResult, runScenario } from '../../src/testing/run-scenario.ts';

/** The services that the engine is asked for in generated scenarios. */
export const SERVICES: readonly Service[] = [
  'makeCall',
  'clearConnection',
  'singleStepTransferCall',
  'deflectCall',
  'parkCall',
  'generateDigits',
];

/** Faults under which everything must be told as without them, later at most. */
export const BENIGN: readonly FaultType[] = ['writes-split', 'writes-joined', 'events-late', 'burst'];

/** Faults under which something is not told, or told so late or so often that it may be taken for something else. */
export const DISRUPTIVE: readonly FaultType[] = [
  'link-slow',
  'events-twice',
  'link-down',
  'link-silent',
  'restart',
  'logins-refused',
  'snapshot-slow',
  'snapshot-stale',
  'clock-skew',
];

/** How a generated scenario went. */
export interface GeneratedRun {
  /** What was played, to be played again. */
  readonly scenario: Scenario;
  readonly result: RunResult;
  /** What is wrong whatever the scenario was. */
  readonly violations: readonly string[];
  /** What was told otherwise than it truly was. */
  readonly differences: readonly string[];
}

/** How one is made and played. */
export interface GeneratedOptions {
  readonly against?: string;
  readonly faults?: readonly FaultType[];
  readonly services?: readonly Service[];
  readonly pace?: 'human' | 'hasty';
  readonly without?: readonly Feature[];
}

/** The choices of a scenario of this number. */
export function choicesOf(seed: number): number[] {
  const random = seededRandom(seed);
  const length = 8 + Math.floor(random() * 30);
  return Array.from({ length }, () => Math.floor(random() * 2 ** 32));
}

/** Makes a scenario up and plays it with the engine attached. */
export async function playGenerated(choices: readonly number[], options: GeneratedOptions = {}): Promise<GeneratedRun> {
  const director = new Director(choices, {
    services: options.services ?? ((options.faults ?? []).some((one) => DISRUPTIVE.includes(one)) ? [] : SERVICES),
    faults: options.faults ?? [],
    pace: options.pace ?? 'hasty',
    without: options.without ?? [],
  });
  return await play(director.frame, options, (live) => director.steps(live));
}

/** Plays a scenario that was made up before; the truth is found anew. */
export function playAgain(scenario: Scenario, options: GeneratedOptions = {}): Promise<GeneratedRun> {
  return play({ ...scenario, expect: {} }, options, () => scenario.steps);
}

async function play(
  frame: Scenario,
  { against = 'asterisk' }: GeneratedOptions,
  steps: (live: Live) => Iterable<Step>,
): Promise<GeneratedRun> {
  const invariants = new Invariants();
  let witness: Witness | undefined;
  const played: Step[] = [];
  const left: string[] = [];
  const result = await runScenario(frame, {
    against,
    onSwitch: (pbx) => {
      witness = createWitness(pbx.model);
    },
    onEvent: (event) => invariants.take(event),
    steps: function* (live) {
      for (const step of steps(live)) {
        played.push(step);
        yield step;
      }
      yield* untilToldOf(live, left, wasSilent(played) ? SILENCE_NOTICED_WITHIN_MS : KNOWN_WITHIN_MS);
    },
  });
  invariants.end(result.startedAt + result.lastedMs + 10_000);
  if (invariants.seen === 0) left.push('no event was seen');
  const violations = [...new Set([...invariants.violations, ...left])];
  const truth = withTruth({ ...frame, steps: played }, witness?.histories() ?? {});
  const expected = resolveExpectations(truth, result.marks);
  const from = result.marks['record'] ?? 0;
  const told = against.startsWith('freeswitch') ? withoutEarlier(frame, result.told) : result.told;
  const differences = compareHistories(expected, told, { exact: true, from }).map(({ text }) => text);
  return { scenario: truth, result, violations, differences };
}

/** What is told without the diversions before a call came in, of which the witness does not know. */
function withoutEarlier({ people }: Scenario, told: Histories): Histories {
  const earlier = Object.values(people).flatMap(({ divertedFrom }) => divertedFrom ?? []);
  const without = ({ divertedFrom, ...call }: CallHistory): CallHistory =>
    divertedFrom?.number == null || earlier.includes(divertedFrom.number) ? call : { ...call, divertedFrom };
  return Object.fromEntries(Object.entries(told).map(([line, calls]) => [line, calls.map(without)]));
}

/** How long an engine may take to know what is up: after a fault, until it is connected again, and one snapshot. */
const BACK_WITHIN_MS = 180_000;
const KNOWN_WITHIN_MS = 3_000;
/** How long it may take to notice that a connection is dead on which nothing comes. */
const SILENCE_NOTICED_WITHIN_MS = 90_000;

const wasSilent = (steps: readonly Step[]): boolean =>
  steps.some((step) => step.kind === 'fault' && step.fault.type === 'link-silent');

/** Waits until the engine is connected and tells of the calls that are up, no more and no fewer. */
function* untilToldOf(live: Live, left: string[], knownWithinMs: number): Generator<Step> {
  yield wait(500);
  for (let ms = 0; ms < BACK_WITHIN_MS && !live.client.isReady(); ms += 500) yield wait(500);
  for (let ms = 0; ms < knownWithinMs && differences(live).length > 0; ms += 250) yield wait(250);
  left.push(...differences(live));
  // What rings out later would be true and not told yet when the two are compared.
  live.pbx.model.exchange.standStill();
}

const wait = (ms: number): WaitStep => ({ kind: 'wait', ms, text: `wait ${ms} ms` });

function differences({ pbx, client }: Live): string[] {
  const { engine } = client as EngineClient;
  const { legs, office } = pbx.model.exchange;
  const { extensions } = office;
  return [...extensions.keys()].flatMap((line) => {
    const own = [...legs].filter((leg) => leg.line.kind === 'phone' && leg.line.number === line);
    // Two telephones of one extension that ring for one call are told as one; so is one telephone that rings twice. That a
    // telephone is called that has not said that it rings may be told or not.
    const offered = own.filter(({ listener }) => listener !== undefined);
    const ringing = offered.filter(({ state }) => state === 'ringing');
    const answered = own.length - offered.length;
    const up = answered + new Set(ringing.map(({ linked }) => linked)).size;
    const atMost = answered + new Set(offered.map(({ linked }) => linked)).size;
    const calls = engine?.lineCalls(line).filter(({ state, partOf }) => state !== 'null' && partOf === undefined) ?? [];
    const state = engine?.line(line)?.state;
    if (calls.length >= up && calls.length <= atMost && state !== 'unknown') return [];
    return [`${line} has ${up} calls; told: ${calls.map((call) => call.state).join(' ') || 'none'} (${state})`];
  });
}
