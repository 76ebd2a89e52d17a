import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bySubject, canonical, responses } from './canon.ts';
import { type Deviation, deviations } from './compare.ts';
import { covers, DIFFERENCES, differencesOf } from './differences.ts';
import { differencesPage } from './differences-page.ts';
import { RECORDED, type Recorded, recordedMessages, recordedNames, recordedScenario } from './recordings.ts';
import { SCENARIOS } from './scenarios.ts';
import { playScenario } from './stage.ts';

const compared = new Map<string, Promise<Deviation[]>>();

function compare(version: Recorded, name: string): Promise<Deviation[]> {
  const key = `${version} ${name}`;
  const known = compared.get(key) ?? playAndCompare(version, name);
  compared.set(key, known);
  return known;
}

async function playAndCompare(recorded: Recorded, name: string): Promise<Deviation[]> {
  const real = recordedMessages(recorded, name);
  const played = await playScenario(recordedScenario(recorded, name), recorded, SCENARIOS[name]);
  return deviations(
    bySubject([...canonical(real), ...responses(real)]),
    bySubject([...canonical(played), ...responses(played)]),
  );
}

const text = ({ subject, event, header, text: how }: Deviation): string =>
  `${subject}: ${header === undefined ? '' : `${event} `}${how}`;

describe.each(RECORDED)('against Asterisk %s', (version) => {
  it.each(recordedNames(version))(
    'tells %s as the real thing does, but for the differences that are known',
    async (name) => {
      const known = differencesOf(name, version);
      const found = await compare(version, name);
      expect(found.filter((deviation) => !known.some((entry) => covers(entry, deviation))).map(text)).toEqual([]);
    },
  );
});

describe('the list of differences', () => {
  it('names only scenarios that there are', () => {
    const names = new Set(recordedNames('22'));
    expect(DIFFERENCES.filter(({ scenario }) => !names.has(scenario))).toEqual([]);
  });

  it.each(DIFFERENCES)('has nothing that differs no longer: $scenario, $what', async (entry) => {
    const found = (await Promise.all(entry.versions.map((version) => compare(version, entry.scenario)))).flat();
    const gone = entry.events.filter(
      (pattern) => !found.some((deviation) => covers({ ...entry, events: [pattern] }, deviation)),
    );
    expect(gone).toEqual([]);
  });

  it('is what DIFFERENCES.md says', () => {
    const page = readFileSync(new URL('../../simulators/asterisk-ami/DIFFERENCES.md', import.meta.url), 'utf8');
    expect(page).toBe(differencesPage(DIFFERENCES));
  });
});
