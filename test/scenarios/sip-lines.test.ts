import { beforeAll, describe, expect, it } from 'vitest';
import { ownScenarios } from '../../simulators/scenario/own-scenarios.ts';
import type { Scenario } from '../../simulators/scenario/scenario.ts';
import { DIALECTS, type DialectName } from '../../simulators/sip/dialect.ts';
import { type RunResult, runScenario } from '../../src/testing/run-scenario.ts';
import { differencesOf, knownBySip } from './known-by-sip.ts';
import { TOLD_OTHERWISE_BY_SIP } from './told-otherwise-by-sip.ts';

const all = (await ownScenarios()).filter(({ only }) => only === undefined);

/** A step that could not be played, or an event that could not happen: what is told of lines is compared below. */
const broken = ({ problems }: RunResult): string[] =>
  problems.map(({ text }) => text).filter((text) => !/^\d+(\[\d+\]|:)/.test(text));

/** What is told of lines otherwise by SIP than by Asterisk's manager interface, as far as SIP can know it. */
async function told(scenario: Scenario, so: RunResult, dialect: DialectName): Promise<string[]> {
  const result = await runScenario(scenario, { against: `sip@${dialect}` });
  return [...broken(result), ...differencesOf(knownBySip(so.told), knownBySip(result.told))];
}

describe.each(DIALECTS)(
  'lines of a scenario for any switch are told alike by SIP, as far as it can know, with %s',
  (dialect) => {
    const results = new Map<string, string[]>();
    const otherwise = TOLD_OTHERWISE_BY_SIP[dialect];

    beforeAll(async () => {
      for (const scenario of all) {
        const so = await runScenario(scenario, { against: 'asterisk@22' });
        results.set(scenario.name, await told(scenario, so, dialect));
      }
    }, 180_000);

    it.each(all.map(({ name }) => name).filter((name) => !(name in otherwise)))('%s', (name) => {
      expect(results.get(name)).toEqual([]);
    });

    it.fails.each(Object.entries(otherwise))('%s is told otherwise: %s', (name) => {
      expect(results.get(name)).toEqual([]);
    });
  },
);
