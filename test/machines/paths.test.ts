import { afterAll, describe, expect, it } from 'vitest';
import { MACHINES, type MachineReport, measure, missingOf, tableOf, unexplained } from './measure.ts';
import { UNREACHABLE } from './unreachable.ts';

const reports: MachineReport[] = [];
const LONG = 120_000;

describe.each(MACHINES)('the walks through the machine of a %s', (machine) => {
  let report: MachineReport;

  it(
    'keep every invariant at every step',
    () => {
      report = measure(machine);
      reports.push(report);
      expect(report.steps).toBeGreaterThan(300);
    },
    LONG,
  );

  it('enter every state and take every transition', () => {
    expect(report.states.missing).toEqual([]);
    expect(report.transitions.missing).toEqual([]);
  });

  it('hear every guard say yes and no, and every refusal, but for what is explained', () => {
    expect(unexplained(report)).toEqual([]);
  });
});

describe('what cannot be reached', () => {
  it('is explained once, and is never a state or a transition', () => {
    const names = UNREACHABLE.map(({ machine, name }) => `${machine} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of UNREACHABLE) expect(name).toMatch(/ is false$/);
  });

  it('that is not explained is found', () => {
    const report = reports.find(({ machine }) => machine === 'line')!;
    const all = missingOf(report);
    const open = { covered: 0, total: 1, missing: ['idle -LINK_DOWN-> unknown'] };
    expect(unexplained({ ...report, transitions: open })).toEqual(open.missing);
    const closed = { ...report.guards, missing: all.slice(1) };
    expect(unexplained({ ...report, guards: closed })).toEqual([`${all[0]}: said to be unreachable, but it is not`]);
  });
});

afterAll(() => console.log(tableOf(reports)));
