import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bySubject, type Deviation, deviations } from './compare.ts';
import { covers, DIFFERENCES, differencesPage } from './differences.ts';
import { PLAYS } from './plays.ts';
import { recordedEvents } from './recorded.ts';
import { Stage } from './stage.ts';

const NAMES = Object.keys(PLAYS);

function compare(name: string): Deviation[] {
  const { outside, steps } = PLAYS[name]!;
  const stage = new Stage(outside);
  steps(stage);
  stage.wait();
  stage.close();
  return deviations(bySubject(recordedEvents(name)), bySubject(stage.events));
}

const text = ({ subject, label, header, text: how }: Deviation): string => `${subject} ${label} ${header ?? ''} ${how}`;

describe('against a real FreeSWITCH', () => {
  it.each(NAMES)('tells %s as the real thing does, but for the differences that are known', (name) => {
    const known = DIFFERENCES.filter(({ scenario }) => scenario === name);
    const found = compare(name).filter((deviation) => !known.some((entry) => covers(entry, deviation)));
    expect(found.map(text)).toEqual([]);
  });

  it('leaves no channel and no timer of a call behind', () => {
    for (const name of NAMES) {
      const { outside, steps } = PLAYS[name]!;
      const stage = new Stage(outside);
      steps(stage);
      stage.wait(30_000);
      expect(stage.channels, name).toEqual([]);
      expect([...stage.pbx.model.exchange.legs], name).toEqual([]);
      stage.close();
      expect(stage.clock.pendingTimers, name).toBe(0);
    }
  });
});

describe('the list of differences', () => {
  it.each(DIFFERENCES)('has nothing that differs no longer: $scenario, $what', (entry) => {
    expect(NAMES).toContain(entry.scenario);
    expect(compare(entry.scenario).some((deviation) => covers(entry, deviation))).toBe(true);
  });

  it('is what DIFFERENCES.md says', () => {
    const page = readFileSync(new URL('../../../simulators/freeswitch-esl/DIFFERENCES.md', import.meta.url), 'utf8');
    expect(page).toBe(differencesPage(NAMES.length));
  });
});
