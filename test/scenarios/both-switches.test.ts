import { describe, expect, it } from 'vitest';
import { compareHistories } from '../../simulators/scenario/compare.ts';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';
import { runScenario } from '../../src/testing/run-scenario.ts';
import { TOLD_OTHERWISE } from './told-otherwise.ts';

const all = await ownScenarios();
const ofBoth = all.filter(({ only }) => only === undefined);

/** Each switch takes its own time to read out a parking place; when things are told, the expectations hold for each. */
const LATER = { toleranceMs: 60_000 };

/** What is told of lines otherwise on FreeSWITCH than on Asterisk. */
async function differencesOf(name: string): Promise<string[]> {
  const scenario = ofBoth.find((one) => one.name === name);
  if (scenario === undefined) return [`there is no scenario ${name} that both can play`];
  const [one, other] = await Promise.all(
    ['asterisk@22', 'freeswitch'].map((against) => runScenario(scenario, { against })),
  );
  const problems = [one, other].flatMap((result) => result?.problems.map(({ text }) => text) ?? []);
  const told = one?.told ?? {};
  expect(Object.keys(told).length).toBeGreaterThan(0);
  return [...problems, ...compareHistories(told, other?.told ?? {}, LATER).map(({ text }) => text)];
}

describe('a scenario that is for any switch is told alike on Asterisk and on FreeSWITCH', () => {
  it('there are more than a hundred', () => expect(ofBoth.length).toBeGreaterThan(100));

  it.each(ofBoth.map(({ name }) => name).filter((name) => !(name in TOLD_OTHERWISE)))('%s', async (name) => {
    expect(await differencesOf(name)).toEqual([]);
  });

  it.fails.each(Object.entries(TOLD_OTHERWISE))('%s is told otherwise: %s', async (name) => {
    expect(await differencesOf(name)).toEqual([]);
  });
});

it('a scenario for one switch only says why in its notes or by its requests', () => {
  const unexplained = all.filter(
    ({ only, notes, steps }) =>
      only !== undefined && notes.length === 0 && steps.every(({ kind }) => kind !== 'request' && kind !== 'together'),
  );
  expect(unexplained.map(({ name }) => name)).toEqual([]);
});
