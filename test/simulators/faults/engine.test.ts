import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../simulators/scenario/fault.ts';
import { FaultStage } from './stage.ts';

// What our engine makes of each fault alone: what it tells while the fault lasts, and that it is right afterwards.

let stage: FaultStage;

const begin = async (faults: readonly Fault[] = []): Promise<void> => {
  let turn = 0;
  stage = await FaultStage.open({ faults, random: () => (turn++ * 0.37) % 1 });
};

beforeEach(() => begin());

afterEach(async () => {
  expect(await stage.leave()).toEqual({ timers: 0, connections: 0 });
});

/** Runs a play with the engine up; afterwards nothing must be wrong. */
async function withEngine(play: () => Promise<void>): Promise<void> {
  await stage.run(async () => {
    expect(stage.engine.snapshot().lines).toHaveLength(3);
    expect(await stage.untilUp()).toBe(true);
    await play();
    expect(await stage.problems()).toEqual([]);
  });
}

const pass = (ms: number): Promise<void> => stage.pace.pass(ms);

/** The causes with which calls ended at a line, oldest first. */
function endings(device: string): (string | undefined)[] {
  const connections = stage.engine.snapshot().calls.flatMap((call) => call.connections);
  return connections.filter((one) => one.device === device && one.state === 'null').map(({ cause }) => cause);
}

describe('a link that is down', () => {
  it('makes lines unknown; a call that ended meanwhile is gone, one that began is found', async () => {
    await withEngine(async () => {
      const first = stage.inbound();
      await pass(200);
      expect(stage.line('1001')).toBe('alerting');
      const fault = stage.apply({ type: 'link-down' });
      await pass(10);
      expect(stage.line('1001')).toBe('unknown');
      first.hangup();
      const second = stage.pbx.call({ from: '1002', to: '1003' });
      await pass(500);
      stage.pbx.phone('1003').answer();
      fault.end();
      expect(await stage.untilUp()).toBe(true);
      expect(['1002', '1003'].map((line) => stage.line(line))).toEqual(['connected', 'connected']);
      // The call had just begun: it may be younger than the first list, and the second one decides.
      await pass(3_500);
      expect(stage.line('1001')).toBe('idle');
      second.hangup();
    });
  });
});

describe('a silent link', () => {
  it('that is short is not noticed: what was said arrives afterwards', async () => {
    await withEngine(async () => {
      const fault = stage.apply({ type: 'link-silent' });
      const call = stage.inbound();
      await pass(10_000);
      expect({ up: stage.isUp, line: stage.line('1001') }).toEqual({ up: true, line: 'idle' });
      fault.end();
      await pass(10);
      await pass(10);
      expect(stage.line('1001')).toBe('alerting');
      call.hangup();
    });
  });

  it('that is long is given up; another connection is made when it ends', async () => {
    await withEngine(async () => {
      const fault = stage.apply({ type: 'link-silent' });
      await pass(40_000);
      expect(stage.line('1001')).toBe('unknown');
      fault.end();
    });
    expect(stage.pbx.connections).toBe(1);
  });
});

describe('a link that is slow, split or joined', () => {
  it.each([
    { type: 'link-slow', bytesPerSecond: 4_000 },
    { type: 'writes-split', bytes: 7 },
    { type: 'writes-joined', ms: 50 },
  ] as const)('$type: tells the same, later at most', async (fault) => {
    await withEngine(async () => {
      stage.apply(fault);
      const call = stage.inbound();
      await pass(5_000);
      expect(stage.line('1001')).toBe('alerting');
      stage.pbx.phone('1001').answer();
      await pass(5_000);
      expect(stage.line('1001')).toBe('connected');
      call.hangup();
      await pass(5_000);
      expect(endings('1001')).toEqual(['normalClearing']);
    });
  });
});

describe('a restart', () => {
  it('ends the calls that were up; the next ones are told', async () => {
    await withEngine(async () => {
      stage.inbound();
      await pass(200);
      stage.apply({ type: 'restart', ms: 1_500 });
      await pass(100);
      expect(stage.line('1001')).toBe('unknown');
      expect(await stage.untilUp()).toBe(true);
      expect(stage.line('1001')).toBe('idle');
      const call = stage.inbound();
      await pass(200);
      expect(stage.line('1001')).toBe('alerting');
      call.hangup();
      await pass(500);
      expect(endings('1001')).toEqual(['x-unknown', 'callCancelled']);
    });
  });
});

describe('logins that are refused', () => {
  it('are told as such, and tried again', async () => {
    await withEngine(async () => {
      const fault = stage.apply({ type: 'logins-refused' });
      stage.pbx.dropConnections();
      await stage.pace.until(() => stage.engine.snapshot().links[0]?.state === 'refused', 10_000);
      expect(stage.engine.snapshot().links[0]).toMatchObject({ state: 'refused', code: 'link.auth-refused' });
      fault.end();
    });
  });
});

describe('snapshots', () => {
  it('that are slow: events meanwhile are not lost', async () => {
    await withEngine(async () => {
      const call = stage.inbound();
      await pass(200);
      const fault = stage.apply({ type: 'snapshot-slow', ms: 3_000 });
      stage.pbx.dropConnections();
      await pass(2_000);
      stage.pbx.phone('1001').answer();
      expect(await stage.untilUp()).toBe(true);
      await pass(10);
      expect(stage.line('1001')).toBe('connected');
      fault.end();
      call.hangup();
    });
  });

  it('that are stale: a call that ended before the connection does not stay', async () => {
    await withEngine(async () => {
      stage.apply({ type: 'snapshot-stale' });
      const call = stage.inbound();
      await pass(2_000);
      const down = stage.apply({ type: 'link-down' });
      await pass(10);
      down.end();
      call.hangup();
      expect(await stage.untilUp()).toBe(true);
      // The fault lasts: it is the second look that finds out.
      await pass(5_000);
      expect(stage.line('1001')).toBe('idle');
    });
  });

  it('that are stale: a call that began before the connection is found', async () => {
    await withEngine(async () => {
      stage.apply({ type: 'snapshot-stale' });
      const down = stage.apply({ type: 'link-down' });
      await pass(10);
      const call = stage.inbound();
      down.end();
      expect(await stage.untilUp()).toBe(true);
      await pass(5_000);
      expect(stage.line('1001')).toBe('alerting');
      call.hangup();
    });
  });
});

describe('faults in events', () => {
  it.each([
    { type: 'clock-skew', ms: -86_400_000 },
    { type: 'events-twice' },
    { type: 'events-late', ms: 40 },
    { type: 'burst', events: 5_000 },
  ] as const)('$type: the story is the same', async (fault) => {
    await withEngine(async () => {
      stage.apply(fault);
      const call = stage.inbound();
      await pass(300);
      expect(stage.line('1001')).toBe('alerting');
      stage.pbx.phone('1001').answer();
      await pass(300);
      stage.pbx.phone('1001').hold();
      await pass(300);
      expect(stage.line('1001')).toBe('hold');
      stage.pbx.phone('1001').resume();
      await pass(300);
      expect(stage.line('1001')).toBe('connected');
      call.hangup();
      await pass(500);
      expect(endings('1001')).toEqual(['normalClearing']);
      const { startedAt } = stage.engine.snapshot().calls[0]!;
      expect(Math.abs(startedAt - stage.clock.now())).toBeLessThan(5_000);
    });
  });
});

describe('faults from the start', () => {
  it('are lived through', async () => {
    await stage.leave();
    await begin([{ type: 'snapshot-stale' }, { type: 'writes-split', bytes: 20 }, { type: 'events-twice' }]);
    await withEngine(async () => {
      const call = stage.inbound();
      await pass(500);
      expect(stage.line('1001')).toBe('alerting');
      call.hangup();
    });
  });
});
