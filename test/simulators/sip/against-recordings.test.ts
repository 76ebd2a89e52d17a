import { describe, expect, it } from 'vitest';
import { byDialog, type Deviation, deviations } from './compare.ts';
import { covers, DIFFERENCES, differencesPage } from './differences.ts';
import { PLAYS, play } from './plays.ts';
import { recordedPayloads } from './recorded.ts';
import { Stage } from './stage.ts';

const NAMES = Object.keys(PLAYS);

const compare = (name: string): Deviation[] => deviations(byDialog(recordedPayloads(name)), byDialog(play(name)));

const text = ({ dialog, label, field, text: how }: Deviation): string => `${dialog}: ${label} ${field ?? ''} ${how}`;

describe('against the real drachtio-server and the PBXs behind it', () => {
  it.each(NAMES)('tells %s as the real things do, but for the differences that are known', (name) => {
    const known = DIFFERENCES.filter(({ scenario }) => scenario === name);
    const found = compare(name).filter((deviation) => !known.some((entry) => covers(entry, deviation)));
    expect(found.map(text)).toEqual([]);
  });

  it.each(NAMES)('%s is told in the recording at all', (name) => {
    expect([...byDialog(recordedPayloads(name)).values()].flat().length).toBeGreaterThan(0);
  });

  it('leaves no leg and no timer behind when the PBX halts', () => {
    for (const name of NAMES) {
      const { steps, ...options } = PLAYS[name]!;
      const stage = new Stage(options);
      steps(stage);
      stage.wait(30_000);
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

  it('is what DIFFERENCES.md says', async () => {
    await expect(differencesPage(NAMES.length)).toMatchFileSnapshot('../../../simulators/sip/DIFFERENCES.md');
  });
});
