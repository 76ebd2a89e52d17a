import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { OfficePlan } from '../../simulators/model/office.ts';
import { DEFAULT_LINES } from '../../simulators/scenario/default-office.ts';
import { defineScenario } from '../../simulators/scenario/define-scenario.ts';
import { marksOf } from '../../simulators/scenario/marks.ts';
import { MAX_PROBLEMS, ScenarioError } from '../../simulators/scenario/problem.ts';
import { readScenario } from '../../simulators/scenario/read-scenario.ts';
import { scenarioJsonSchema } from '../../simulators/scenario/scenario-schema.ts';

const manual = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(manual)![1]!;

const HEAD = 'scenario: a\ntitle: A\npeople:\n  carol: { number: +442079460991 }\n';

function problemsOf(text: string): ScenarioError {
  try {
    readScenario(text, { file: 'a.yaml' });
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return error as ScenarioError;
  }
  throw new Error('it was read');
}

const telling = (text: string): string[] =>
  problemsOf(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('the example of the manual', () => {
  const scenario = readScenario(example);

  it('is read, with every scalar as a text', () => {
    expect(scenario).toMatchObject({
      name: 'transfer-attended',
      people: { carol: { number: '+442079460991', name: 'Carol Customer' } },
      phones: ['1001', '1002'],
      group: 'other',
      exact: false,
      tries: 1,
      late: false,
    });
    expect(scenario.steps[1]).toEqual({
      kind: 'act',
      who: '1001',
      verb: 'rings',
      shows: { number: '+442079460991', name: 'Carol Customer' },
      text: '1001 rings showing +442079460991 "Carol Customer"',
      position: { line: 8, column: 5 },
    });
    expect(scenario.expect['1001']?.[0]).toMatchObject({
      remote: { number: '+442079460991', name: 'Carol Customer' },
      transferredTo: { number: '1002', name: 'Bob de Vries' },
      position: { line: 20, column: 7 },
    });
    expect(scenario.expect['1002']?.[0]?.states?.[2]).toEqual({
      local: 'connected',
      remote: 'connected',
      at: '1001.transfer',
      remoteParty: { number: '+442079460991', name: 'Carol Customer' },
    });
  });

  it('leaves marks in the order of its steps', () => {
    expect(marksOf(scenario)).toEqual([
      'record',
      'carol.call',
      '1001.ring',
      '1001.answer',
      'carol.answered',
      '1001.hold',
      '1001:consult.call',
      '1002.ring',
      '1002.answer',
      '1001.transfer',
      'carol.hangup',
    ]);
  });

  it('fits the published schema as an editor reads it', () => {
    const validate = new Ajv2020({ strict: false }).compile(scenarioJsonSchema());
    expect(validate(parse(example)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(parse(example.replace('phones', 'fones')))).toBe(false);
  });
});

it('the JSON Schema in the manual is current', async () => {
  await expect(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    '../../docs/reference/scenario.schema.json',
  );
});

it('the default telephones are those of the model', () => {
  const model = [...new OfficePlan().extensions.values()].map(({ number, name }) => [number, { name }]);
  expect(DEFAULT_LINES).toEqual(Object.fromEntries(model));
});

describe('everything that is wrong is told at once', () => {
  it('in the order of the text, with line, column and what was meant', () => {
    const error = problemsOf(
      `${HEAD}phones: [1001, 2001]\nsteps:\n  - 1001 anwsers\n  - crol calls 1001\n  - carol calls 1001\n  - 'carol hangs up on ''x'''\n  - 1002 rings\nexpect:\n  1002:\n    - remote: carl\n      states:\n        - alerting @1002.rng\n        - ringing\n`,
    );
    expect(error.code).toBe('scenario.invalid');
    expect(error.message.split('\n')).toEqual(
      [
        "a.yaml:5:16: 2001 is no telephone of the office; did you mean '1001'?",
        "a.yaml:7:10: 1001 anwsers: there is no word 'anwsers'; did you mean 'answers'?",
        "a.yaml:8:5: crol calls 1001: there is nobody called 'crol'; did you mean 'carol'?",
        "a.yaml:10:24: carol hangs up on 'x': ''x'' is no name: letters, digits and hyphens, a letter first",
        "a.yaml:14:15: there is nobody called 'carl'; did you mean 'carol'?",
        "a.yaml:16:21: alerting @1002.rng: no step leaves the mark '1002.rng'; did you mean '1002.ring'?",
        "a.yaml:17:11: ringing: 'ringing' is no state of a connection; did you mean 'alerting'?",
      ].map((line) => (line.includes('ringing:') ? expect.stringContaining("'ringing' is no state") : line)),
    );
  });

  it('also where a person is described wrongly', () => {
    const text =
      'scenario: a\ntitle: A\npeople: { carol: { number: +442079460991, nam: Carol } }\nsteps: [carol cals 1001]\n';
    expect(problemsOf(text).problems.map(({ message }) => message)).toEqual([
      "there is no 'nam' here; did you mean 'name'?",
      "carol cals 1001: there is no word 'cals'; did you mean 'calls'?",
    ]);
  });

  it(`but not more than ${MAX_PROBLEMS}`, () => {
    const error = problemsOf(`${HEAD}steps:\n${'  - nonsense\n'.repeat(500)}`);
    expect(error.problems).toHaveLength(MAX_PROBLEMS);
    expect(error.message).toMatch(/and 480 more$/);
  });

  const STEPS = 'steps: [carol calls 1001]\n';
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['a missing key', 'scenario: a\nsteps: [wait 1]\n', /^1:1 'title' is missing$/],
    ['a misspelt key', `${HEAD}${STEPS}expects: {}\n`, /^6:1 there is no 'expects' here; did you mean 'expect'\?$/],
    ['a misspelt fact', `${HEAD}${STEPS}expect:\n  1001:\n    - remot: carol\n`, /^8:7 .*did you mean 'remote'\?$/],
    [
      'a word that is none',
      `${HEAD}${STEPS}expect:\n  1001:\n    - cause: bussy\n`,
      /^8:14 cause cannot be 'bussy'; did you mean 'busy'\?$/,
    ],
    ['a key twice', `${HEAD}${STEPS}title: B\n`, /^6:1 this key is there twice$/],
    ['a tab', `${HEAD}steps:\n\t- wait 1\n`, /^6:1 lines are indented by spaces, not by tabs$/],
    ['a tag', `${HEAD}${STEPS}notes: !!set [a]\n`, /^6:8 there are no tags/],
    ['no YAML', `${HEAD}steps: [\n`, /this is not YAML/],
    ['two documents', `${HEAD}${STEPS}---\na: b\n`, /one scenario/],
    ['nothing', '', /^1:1 a scenario must be a group of 'key: value' lines, but is empty$|missing/],
    ['a list', '- a\n', /must be a group/],
    ['no steps', `${HEAD}steps: []\n`, /^5:8 steps needs at least one step$/],
    [
      'a step that is none',
      `${HEAD}steps:\n  - at onse: [wait 1, wait 2]\n`,
      /^6:5 there is no 'at onse' here; did you mean 'at once'\?$/,
    ],
    [
      'a wrong step at once',
      `${HEAD}steps:\n  - at once:\n      - wait 1\n      - carol hungs up\n`,
      /^8:15 .*did you mean 'hangs up'\?$/,
    ],
    ['a request without a switch', `${HEAD}steps:\n  - request: { Action: Ping }\n`, /^6:5 'pbx' is missing$/],
    [
      'a member that is no line',
      `${HEAD}${STEPS}office:\n  groups:\n    200: { members: [1001, 1011] }\n`,
      /^8:28 1011 is no telephone of the office/,
    ],
    ['a telephone in forwards', `${HEAD}${STEPS}forwards: { 1011: { always: 1001 } }\n`, /^6:13 1011 is no telephone/],
    [
      'a forward to nowhere',
      `${HEAD}${STEPS}forwards: { 1001: { always: home } }\n`,
      /^6:29 always 'home' is no number that can be dialled$/,
    ],
    ['a duration', `${HEAD}${STEPS}ringsFor: long\n`, /^6:11 ringsFor 'long' is no time/],
    ['a flag', `${HEAD}${STEPS}exact: yes\n`, /^6:8 exact cannot be 'yes': it is 'true' or 'false'$/],
    [
      'a name that nobody can have',
      `scenario: a\ntitle: A\n${STEPS}people: { the: { number: 1 }, 1x: { number: 2 } }\n`,
      /^4:31 1x is no name/,
    ],
    [
      'a reserved name',
      `scenario: a\ntitle: A\npeople: { wait: { number: 1 } }\nsteps: [1001 calls 1002]\n`,
      /^3:11 nobody can be called 'wait'$/,
    ],
    [
      'a prototype',
      `${HEAD}${STEPS}office:\n  lines: { __proto__: { name: x } }\n`,
      /^7:12 there is no key '__proto__'$/,
    ],
    [
      'a property of all objects',
      `${HEAD}${STEPS}expect:\n  1001:\n    - remote: constructor\n`,
      /nobody called 'constructor'/,
    ],
    ['nobody who transfers', `${HEAD}${STEPS}expect:\n  1001:\n    - transferredTo: withheld\n`, /has no number/],
    [
      'a mark that comes once',
      `${HEAD}${STEPS}expect:\n  1001:\n    - states: [alerting @carol.call#2]\n`,
      /no step leaves the mark 'carol.call#2'; did you mean 'carol.call'/,
    ],
  ];

  it.each(cases)('%s', (_, text, message) => {
    expect(telling(text).join('\n')).toMatch(message);
  });

  it('whatever the ends of lines are, and with a byte order mark', () => {
    const text = `${HEAD}steps:\n  - carol calls 1001\n  - 1001 rigns\n`;
    for (const variant of [text.replaceAll('\n', '\r\n'), `\uFEFF${text}`])
      expect(telling(variant)).toEqual(["7:10 1001 rigns: there is no word 'rigns'; did you mean 'rings'?"]);
  });

  it('a step that cannot be read does not make others wrong', () => {
    const text = `${HEAD}steps:\n  - 1001 rigns\n  - 1001 answers\nexpect:\n  1001:\n    - states: [alerting @1001.ring]\n`;
    expect(telling(text)).toEqual(["6:10 1001 rigns: there is no word 'rigns'; did you mean 'rings'?"]);
  });
});

describe('hostile texts are refused', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x]\n${'bcdefgh'
    .split('')
    .map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]}, `.repeat(8)}x]`)
    .join('\n')}\n`;
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['a bomb of aliases', bomb, /more than 100 aliases/],
    ['an alias of itself', 'a: &a [*a]\n', /more than 24 deep|not YAML|aliases/],
    ['a text that is too long', `title: ${'x'.repeat(1_000_001)}`, /at most 1000000 characters/],
    ['brackets', '['.repeat(900_000), /more than 24 deep/],
    ['braces', '{a: '.repeat(200_000), /more than 24 deep/],
    ['dashes', '- '.repeat(400_000), /more than 24 deep/],
    [
      'lines that go deeper',
      Array.from({ length: 1200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /more than 24 deep/,
    ],
    ['many values', `a: [${'x,'.repeat(200_000)}]`, /more than 100000 values/],
    ['many keys', Array.from({ length: 40_000 }, (_, i) => `k${i}: x`).join('\n'), /there is no 'k/],
    ['the same key many times', 'a: x\n'.repeat(40_000), /this key is there twice/],
  ];

  it.each(cases)('%s', (_, text, message) => {
    expect(problemsOf(text).message.slice(0, 2000)).toMatch(message);
  });
});

describe('a scenario in TypeScript', () => {
  const source = {
    scenario: 'a',
    title: 'A',
    people: { carol: { number: '+442079460991' } },
    phones: [1001],
    steps: ['carol calls 1001', { 'at once': ['1001 rings', 'wait 3'] }, '1001 answers'],
    expect: { 1001: [{ remote: 'carol', answered: true, states: ['alerting:connected @1001.ring'] }] },
  };

  it('is the same as in a file', () => {
    expect(defineScenario(source)).toEqual(
      stripped(
        readScenario(
          `${HEAD}phones: [1001]\nsteps:\n  - carol calls 1001\n  - at once: [1001 rings, wait 3]\n  - 1001 answers\nexpect:\n  1001:\n    - remote: carol\n      answered: true\n      states: ['alerting:connected @1001.ring']\n`,
        ),
      ),
    );
  });

  it('is checked in the same way, with paths', () => {
    const wrong = () =>
      defineScenario({ ...source, steps: ['carol calls 1001', { 'at once': ['1001 rigns', 'wait 3'] }] });
    expect(wrong).toThrow("a:steps[1].at once[0]: 1001 rigns: there is no word 'rigns'; did you mean 'rings'?");
    expect(() => defineScenario({ ...source, late: (() => true) as never })).toThrow(/late: a function is nothing/);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => defineScenario({ ...source, notes: circle as never })).toThrow(/more than 24 deep/);
    expect(() => defineScenario(null as never)).toThrow(ScenarioError);
  });
});

/** Without positions. */
function stripped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(stripped);
  const entries = Object.entries(value).filter(([key]) => key !== 'position');
  return Object.fromEntries(entries.map(([key, part]) => [key, stripped(part)]));
}
