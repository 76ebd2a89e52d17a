import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CallHistory } from '../../simulators/scenario/expectation.ts';
import { loadScenario, loadScenarios } from '../../simulators/scenario/load-scenarios.ts';
import { marksOf } from '../../simulators/scenario/marks.ts';
import { OWN_SCENARIOS, ownScenarios } from '../../simulators/scenario/own-scenarios.ts';
import { readScenario } from '../../simulators/scenario/read-scenario.ts';
import { resolveExpectations } from '../../simulators/scenario/resolve-expectations.ts';
import { writeScenario } from '../../simulators/scenario/write-scenario.ts';
import { GAPS } from '../conformance/gaps.ts';

const recordings = fileURLToPath(new URL('../fixtures/asterisk', import.meta.url));
const folder = OWN_SCENARIOS;
const scenarios = await ownScenarios();

interface Recorded {
  readonly title: string;
  readonly marks: Readonly<Record<string, number>>;
  readonly extensions: Readonly<Record<string, readonly CallHistory[]>>;
}

describe('the scenarios', () => {
  it('are many, in folders by subject', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(169);
    for (const { name, group } of scenarios) expect(globSync(`${folder}/${group}/${name}.yaml`), name).toHaveLength(1);
  });

  it.each(scenarios)('$name: what is written is read as the same', (scenario) => {
    expect(unplaced(readScenario(writeScenario(scenario)))).toEqual(unplaced(scenario));
  });
});

describe('what was recorded on a real switch', () => {
  const files = globSync(`${recordings}/*/*.truth.json`).sort();

  it('is found', () => {
    expect(files.length).toBeGreaterThan(300);
  });

  it.each(files.map((file) => [file.slice(recordings.length + 1), file]))(
    'is what the scenario expects: %s',
    (_, file) => {
      const truth = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
      const scenario = scenarios.find(({ name }) => name === basename(file, '.truth.json'));
      expect(scenario?.title).toBe(truth.title);
      const expected = JSON.parse(
        JSON.stringify(resolveExpectations(scenario!, truth.marks)),
      ) as Recorded['extensions'];
      const gaps = GAPS[scenario!.name] ?? [];
      const differences = differentCauses(expected, truth.extensions);
      expect(differences.filter((line) => !gaps.some((gap) => gap.difference.test(line)))).toEqual([]);
      expect(withoutCauses(expected)).toEqual(withoutCauses(truth.extensions));
      expect(marksOf(scenario!).toSorted()).toEqual(expect.arrayContaining(Object.keys(truth.marks).toSorted()));
    },
  );
});

describe('files', () => {
  it('that are not there, or cannot be read', async () => {
    const error = { code: 'scenario.not-found', message: expect.stringContaining('no-such') };
    await expect(loadScenario(`${folder}/no-such.yaml`)).rejects.toMatchObject(error);
    await expect(loadScenarios(`${folder}/no-such`)).rejects.toMatchObject(error);
  });

  it('that are there twice, or have another name', async () => {
    const place = mkdtempSync(join(tmpdir(), 'offhook-scenarios-'));
    try {
      const text = (name: string) => `scenario: ${name}\ntitle: A\nsteps: [wait 1]\n`;
      for (const subject of ['x', 'y']) mkdirSync(join(place, subject));
      writeFileSync(join(place, 'x', 'one.yaml'), text('one'));
      expect((await loadScenarios(place)).map(({ name }) => name)).toEqual(['one']);
      writeFileSync(join(place, 'y', 'one.yaml'), text('one'));
      await expect(loadScenarios(place)).rejects.toThrow(/y\/one\.yaml:1:1: 'one' is also in .*x\/one\.yaml/);
      writeFileSync(join(place, 'y', 'one.yaml'), text('two'));
      await expect(loadScenarios(place)).rejects.toThrow(/this is the scenario 'two': the file is two\.yaml/);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it('that are too long to be one are not read', async () => {
    const place = mkdtempSync(join(tmpdir(), 'offhook-scenarios-'));
    try {
      const file = join(place, 'long.yaml');
      writeFileSync(file, '');
      truncateSync(file, 3_000_000_000);
      await expect(loadScenario(file)).rejects.toThrow(/at most 4000000 bytes, this has 3000000000/);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it('that are no scenarios', async () => {
    const file = fileURLToPath(new URL('../../package.json', import.meta.url));
    await expect(loadScenario(file)).rejects.toMatchObject({
      code: 'scenario.invalid',
      message: expect.stringMatching(/package\.json:2:3: there is no 'name' here/),
    });
  });
});

/** Of some calls the scenario has learned since who refused them; conformance/gaps.ts lists them. */
function differentCauses(expected: Recorded['extensions'], recorded: Recorded['extensions']): string[] {
  return Object.entries(recorded).flatMap(([line, calls]) =>
    calls.flatMap(({ cause }, index) => {
      const now = expected[line]?.[index]?.cause;
      return now === cause ? [] : [`${line}[${index}].cause: ${JSON.stringify(now)}, not ${JSON.stringify(cause)}`];
    }),
  );
}

function withoutCauses(lines: Recorded['extensions']): unknown {
  return Object.entries(lines).map(([line, calls]) => [line, calls.map(({ cause: _, ...call }) => call)]);
}

/** Without positions. */
function unplaced(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, part) => (key === 'position' ? undefined : part)));
}
