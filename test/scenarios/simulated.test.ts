import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';
import { start } from '../cli/harness.ts';
import { NOT_PLAYED_YET } from './not-played-yet.ts';

const folder = fileURLToPath(new URL('../../simulators/scenarios', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
const names = files.map((path) => basename(path, '.yaml')).sort();
/** Those that only another kind of switch can play. */
const others = (await ownScenarios()).flatMap(({ name, only }) => (only?.includes('asterisk') === false ? [name] : []));

/** What the command line says of a scenario. */
interface Result {
  readonly type: string;
  readonly scenario: string;
  readonly status: string;
  readonly expectationsChecked: boolean;
  readonly problems: readonly unknown[];
}

describe.each(['asterisk@22', 'asterisk@16'])('played by the command line on %s', (against) => {
  const results = new Map<string, Result>();
  let code: number;

  beforeAll(async () => {
    const running = start(['simulate', 'run', folder, '--against', against, '--json'], { XDG_RUNTIME_DIR: folder });
    const outcome = await running.done;
    code = outcome.code;
    for (const line of outcome.out.trimEnd().split('\n')) {
      const told: Result = JSON.parse(line);
      if (told.type === 'result') results.set(told.scenario, told);
    }
  }, 180_000);

  it('every scenario was played, and the end tells that some could not be', () => {
    expect([...results.keys()].sort()).toEqual(names);
    expect(code).toBe(Object.keys(NOT_PLAYED_YET).length === 0 ? 0 : 1);
  });

  it.each(names.filter((name) => !(name in NOT_PLAYED_YET) && !others.includes(name)))('%s', (name) => {
    expect(results.get(name)).toMatchObject({ status: 'passed', expectationsChecked: true, problems: [] });
  });

  it.each(others)('%s is for another switch', (name) => expect(results.get(name)?.status).toBe('skipped'));

  it.fails.each(Object.entries(NOT_PLAYED_YET))('%s cannot be played yet: %s', (name) => {
    expect(results.get(name)?.status).toBe('passed');
  });
});

it('the list of what cannot be played yet names scenarios that there are', () => {
  expect(Object.keys(NOT_PLAYED_YET).filter((name) => !names.includes(name))).toEqual([]);
});
