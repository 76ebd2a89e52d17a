// Every scenario on a real switch while engines are connected to it: what they tell is compared with what the telephones
// did, as the recordings are.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AmiFields,
  isStranger,
  type PlayOptions,
  playScenario,
  reasonNotToPlay,
  type Truth,
} from '../../simulators/real-asterisk/index.ts';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';
import type { Scenario, Step } from '../../simulators/scenario/scenario.ts';
import { compareTruth } from '../conformance/compare.ts';
import { nativeSession } from './live/acting-session.ts';
import { printTrace, type Tried } from './live/event-trace.ts';
import { LIVE_GAPS } from './live/gaps.ts';
import { destination, type Lane, Lanes } from './live/lanes.ts';
import { distribution, latenessOf } from './live/lateness.ts';
import { LANES, ONLY, VERSIONS } from './live/settings.ts';
import { Watcher } from './live/watcher.ts';

/** Actions that the engine should know to be its own program's: they go over its own connection. */
const OWN_ACTIONS = new Set(['Hangup', 'Redirect', 'BlindTransfer', 'Atxfer', 'Park', 'Bridge']);

/**
 * Who is faster is for the switch to say: played until it says what the truth has. Who calls a busy telephone may be gone
 * before the switch is asked whether he may be shown.
 */
const RACES: Readonly<Record<string, number>> = {
  'inbound-late-answer': 5,
  'inbound-busy': 5,
  'inbound-did-busy': 5,
  'inbound-unreachable': 5,
};

const TIME_ONLY = /\.(t|talkStart|end): -?[\d.]+, not -?[\d.]+$/;

const scenarios = (await ownScenarios())
  .filter((each) => each.group !== 'destructive' && !isStranger(each) && reasonNotToPlay(each) === undefined)
  .filter(({ name, group }) => ONLY === undefined || ONLY.includes(name) || ONLY.includes(group))
  .sort((a, b) => lengthOf(b) - lengthOf(a));

for (const version of VERSIONS) {
  describe(`Asterisk ${version}`, () => {
    const startedAt = Date.now();
    const late: number[] = [];
    const repeated: string[] = [];
    let passed = 0;
    let lanes: Lanes;

    beforeAll(async () => {
      lanes = await Lanes.start(version, Math.min(LANES, scenarios.length));
      console.log(`${LANES} x Asterisk ${lanes.packageVersion}, ${scenarios.length} scenarios`);
    });

    afterAll(async () => {
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      console.log(`Asterisk ${version}: ${passed} comparisons the same, ${seconds} s, ${repeated.length} played again`);
      for (const line of repeated) console.log(`  again: ${line}`);
      console.log(`Asterisk ${version}: told later than the telephones did it: ${distribution(late)}`);
      await lanes?.[Symbol.asyncDispose]();
    });

    /** Lends a lane for a test, and tells what its switch said last where the test fails for good. */
    async function useLane(task: Tried, title: string, work: (lane: Lane) => Promise<void>): Promise<void> {
      await lanes.use(async (lane) => {
        try {
          await work(lane);
        } catch (error) {
          printTrace(lane.trace, task, `${version} ${title}`);
          throw error;
        }
      });
    }

    /** Plays, compares what each watcher told, and plays again what the scenario or a busy machine may need. */
    async function check(scenario: Scenario, title: string, play: () => Promise<Played>): Promise<void> {
      const planned = RACES[scenario.name] ?? scenario.tries;
      for (let tries = 1; ; tries++) {
        const result = await play().catch((error: Error) => error);
        const last = tries > planned;
        if (result instanceof Error) {
          if (last) throw result;
          repeated.push(`${title}: ${result.message}`);
          continue;
        }
        const differences = result.watchers.flatMap(([who, watcher]) =>
          differencesOf(scenario, result.truth, who, watcher),
        );
        if (differences.length > 0 && !last && (tries < planned || differences.every(isTimeOnly))) {
          repeated.push(`${title}: ${differences.join('; ')}`);
          continue;
        }
        const lateness = result.watchers.flatMap(([, watcher]) => latenessOf(result.truth, watcher.told(result.truth)));
        late.push(...lateness);
        const most = Math.round(Math.max(0, ...lateness));
        console.log(`${differences.length === 0 ? '✓' : '✗'} ${version} ${title} (${most} ms)`);
        expect(differences).toEqual([]);
        for (const [who, watcher] of result.watchers) expect(watcher.illegalEvents, who).toBe(0);
        result.more?.();
        passed += result.watchers.length;
        return;
      }
    }

    for (const scenario of scenarios.filter((each) => !each.late && !reconnects(each))) {
      test.concurrent(`${scenario.name}: engines that are there see what the telephones did`, async ({ task }) => {
        await useLane(task, scenario.name, (lane) =>
          check(scenario, scenario.name, async () => {
            // The acts of one connection's program are another's unexplained events.
            const actor = version === '16' ? 'outside' : 'native';
            const acts: AmiFields[] = [];
            lane.native.begin();
            lane.outside.begin();
            const truth = await play(lane, scenario, {
              async onAction(action) {
                if (!OWN_ACTIONS.has(String(action['Action']))) return false;
                acts.push(action);
                await lane.sessions[actor].act(action);
                return true;
              },
            });
            const both = [['native', lane.native] as const, ['asterisk-manager', lane.outside] as const];
            const watchers = acts.length === 0 ? both : [[actor, lane[actor]] as const];
            return { truth, watchers, more: () => checkAsked(scenario, lane.native) };
          }),
        );
      });
    }

    for (const scenario of scenarios.filter((each) => each.late || each.group === 'inbound')) {
      test.concurrent(`${scenario.name}: so does an engine that connects when the client does`, async ({ task }) => {
        const title = `${scenario.name}, late engine`;
        await useLane(task, title, (lane) =>
          check(scenario, title, async () => {
            let comer: Watcher | undefined;
            try {
              const truth = await play(lane, scenario, {
                async onClient() {
                  comer = new Watcher({ session: nativeSession(destination(lane.pbx)).session });
                  await comer.up();
                  lane.trace.mark('the late engine is up');
                },
              });
              return { truth, watchers: [['late', comer!] as const] };
            } finally {
              await comer?.engine.stop();
            }
          }),
        );
      });
    }
  });
}

interface Played {
  readonly truth: Truth;
  readonly watchers: readonly (readonly [who: string, watcher: Watcher])[];
  readonly more?: () => void;
}

/** One try; how often to try is decided here, because the watchers must forget the one that failed. */
function play(lane: Lane, scenario: Scenario, options: PlayOptions): Promise<Truth> {
  lane.trace.begin();
  const onMark = (mark: string) => lane.trace.mark(mark);
  return playScenario(lane.pbx, { ...scenario, tries: 1 }, { ...options, onMark });
}

function differencesOf(scenario: Scenario, truth: Truth, who: string, watcher: Watcher): string[] {
  const gaps = LIVE_GAPS[scenario.name] ?? [];
  return compareTruth(truth as unknown as Parameters<typeof compareTruth>[0], watcher.told(truth))
    .filter((line) => !gaps.some((gap) => gap.difference.test(line)))
    .map((line) => `${who}: ${line}`);
}

/** What no event tells, and a recording of a client that did not ask cannot. */
function checkAsked(scenario: Scenario, watcher: Watcher): void {
  const calls = [...watcher.calls.values()];
  if (scenario.name === 'caller-diverted') {
    expect(calls.map((call) => call.lastRedirectionDevice?.number)).toEqual(['+442079460555']);
  }
  if (scenario.name === 'caller-withheld-asserted') {
    const outside = calls.flatMap((call) => call.connections.filter(({ party }) => party.category === 'trunk'));
    expect(outside.map(({ party }) => party)).toMatchObject([{ number: null, name: null, presentation: 'restricted' }]);
  }
}

function isTimeOnly(difference: string): boolean {
  return TIME_ONLY.test(difference);
}

function reconnects(scenario: Scenario): boolean {
  return scenario.steps.some((step) => step.kind === 'client' && step.does === 'reconnects');
}

/** Roughly how long a scenario takes at most, in milliseconds: the long ones go first. */
function lengthOf(scenario: Scenario): number {
  const length = (step: Step): number => {
    if (step.kind === 'together') return Math.max(...step.steps.map(length));
    return step.kind === 'wait' || step.kind === 'act' ? (step.ms ?? 0) : 0;
  };
  return scenario.steps.reduce((sum, step) => sum + length(step), 0);
}
