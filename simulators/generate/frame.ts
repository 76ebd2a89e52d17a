import { DEFAULT_LINES } from '../scenario/default-office.ts';
import type { FaultType } from '../scenario/fault.ts';
import type { ForwardSpec, LineSpec, OfficeSpec, Person, QueueStrategyName, Scenario } from '../scenario/scenario.ts';
import type { Choices } from './choices.ts';
import { drawStanding } from './faults.ts';
import type { Feature } from './features.ts';

/** How somebody's telephone takes calls, which the scenario language says step by step. */
export interface Manners {
  /** Telephones that do not say that they ring. */
  readonly silent: readonly string[];
  /** People and telephones that send audio instead of ringing. */
  readonly early: readonly string[];
}

/** A scenario in which nothing happens yet: who is there. */
export interface Frame {
  readonly scenario: Scenario;
  readonly manners: Manners;
  /** All calls are ended in the last steps; otherwise those that are up stay up. */
  readonly endsCalls: boolean;
}

/** The telephones that take part; the office has all of the default office. */
export const LINES = ['1001', '1002', '1003', '1004', '1005', '1007', '1008'] as const;

const PEOPLE: Readonly<Record<string, Person>> = {
  carol: { number: '+442079460991', name: 'Carol Customer' },
  dave: { number: '+442079460992' },
  erin: { number: '+33140205060', name: 'Erin', withheld: true },
  frank: { number: '+442079460993', name: 'Frank', divertedFrom: '+442079460555' },
};

const STRATEGIES: readonly QueueStrategyName[] = [
  'ringall',
  'ringall',
  'rrmemory',
  'linear',
  'leastrecent',
  'fewestcalls',
];

/** Sets a scene: the same office with different habits. One in three is the default office. */
export function drawFrame(
  name: string,
  choices: Choices,
  faults: readonly FaultType[],
  without: readonly Feature[] = [],
): Frame {
  const plain = choices.onceIn(3);
  const office = plain ? {} : drawOffice(choices, without);
  const scenario: Scenario = {
    name,
    title: 'Made up',
    group: 'generated',
    notes: [],
    people: PEOPLE,
    office,
    forwards: choices.onceIn(4) && !without.includes('forwards') ? drawForwards(choices) : {},
    ...(choices.onceIn(3) ? { ringsFor: choices.of([4_000, 7_000, 12_000]) } : {}),
    habits: choices.onceIn(4) ? { loopsMove: 'caller' } : {},
    faults: faults.length === 0 ? [] : drawStanding(faults, choices),
    late: false,
    steps: [],
    expect: {},
    exact: true,
    tries: 1,
  };
  const manners: Manners = plain
    ? { silent: [], early: [] }
    : {
        silent: [],
        early:
          choices.onceIn(5) && !without.includes('early-media') ? [choices.of([...Object.keys(PEOPLE), ...LINES])] : [],
      };
  return { scenario, manners, endsCalls: !choices.onceIn(4) };
}

function drawOffice(choices: Choices, without: readonly Feature[]): OfficeSpec {
  const members = (): string[] => choices.some(LINES, 1 + choices.below(4));
  const waiting = (): object => ({
    ...(choices.onceIn(2) ? { ringsFor: choices.of([3_000, 5_000, 15_000]) } : {}),
    ...(choices.onceIn(3) ? { waitsFor: choices.of([8_000, 20_000, 60_000]) } : {}),
    ...(choices.onceIn(3) ? { wrapUp: choices.of([0, 1_000, 5_000]) } : {}),
  });
  return {
    lines: Object.fromEntries(
      Object.entries(DEFAULT_LINES).map(([number, line]) => [number, drawLine(line, choices, without)]),
    ),
    groups: {
      200: { members: members() },
      201: { members: members(), strategy: 'sequential', ringsFor: choices.of([2_000, 8_000]) },
      202: { members: members(), strategy: 'loops' },
    },
    queues: {
      support: { did: '301', members: members(), strategy: choices.of(STRATEGIES), ...waiting() },
      sales: { did: '302', members: members(), strategy: choices.of(STRATEGIES), ...waiting() },
      helpdesk: { did: '303', members: members(), loops: true, ...waiting() },
    },
    parking: { returnsAfter: choices.of([5_000, 20_000]) },
  };
}

function drawLine(line: LineSpec, choices: Choices, without: readonly Feature[]): LineSpec {
  return {
    ...line,
    ...(choices.onceIn(10) && !without.includes('dead-ends') ? { singleLine: true } : {}),
    ...(choices.onceIn(15) ? { answersAfter: choices.of([50, 800]) } : {}),
    ...(choices.onceIn(5) ? { pickupGroup: '2' } : {}),
  };
}

function drawForwards(choices: Choices): Record<string, ForwardSpec> {
  const [line = LINES[0], goal = LINES[1]] = choices.some(LINES, 2);
  const to = choices.weighted<string>([
    [4, goal],
    [2, '02079460991'],
    [1, '6200'],
    [1, '6301'],
  ])!;
  return { [line]: { [choices.of(['always', 'busy', 'noAnswer'] as const)]: to } };
}
