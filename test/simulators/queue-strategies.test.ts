import { describe, expect, it } from 'vitest';
import { createModelPbx, type ModelPbx } from '../../simulators/model/model-pbx.ts';
import { queuesOf } from '../../simulators/model/queue.ts';
import type { QueueStrategy } from '../../simulators/model/queue-state.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';

const AGENTS = ['1001', '1002', '1003'];

interface Office {
  readonly clock: SimulatedClock;
  readonly pbx: ModelPbx;
}

function office(strategy: QueueStrategy, random?: () => number): Office {
  const clock = new SimulatedClock(1_795_368_848_000);
  const queues = [{ name: 'support', did: '301', members: AGENTS, strategy, wrapUpSeconds: 0, ringSeconds: 5 }];
  return { clock, pbx: createModelPbx(clock, { queues, ...(random ? { random } : {}) }) };
}

const ringing = ({ pbx }: Office): string[] => AGENTS.filter((number) => pbx.people.phone(number).isRinging);

/** A caller comes; tells who is rung. */
function calls(at: Office): { readonly rung: string[]; serve(by?: string): void; leave(): void } {
  const call = at.pbx.people.call({ from: '+442079460991', name: 'Carol', to: '+442079460301' });
  at.clock.advance(200);
  const rung = ringing(at);
  return {
    rung,
    serve(by = rung[0]!) {
      at.pbx.people.phone(by).answer();
      at.clock.advance(2000);
      call.hangup();
      at.clock.advance(2000);
    },
    leave() {
      call.hangup();
      at.clock.advance(2000);
    },
  };
}

/** So many callers one after the other, each served by the first who is rung. */
function servedBy(at: Office, callers: number): string[] {
  return Array.from({ length: callers }, () => {
    const { rung, serve } = calls(at);
    expect(rung).toHaveLength(1);
    serve();
    return rung[0]!;
  });
}

describe('a queue', () => {
  it('rings all members at once: ringall', () => {
    expect(calls(office('ringall')).rung).toEqual(AGENTS);
  });

  it.each(['rrmemory', 'rrordered'] as const)('goes round its members: %s', (strategy) => {
    expect(servedBy(office(strategy), 4)).toEqual(['1001', '1002', '1003', '1001']);
  });

  it('begins at the top for every caller, and goes on below for one whom nobody answers: linear', () => {
    const at = office('linear');
    expect(servedBy(at, 2)).toEqual(['1001', '1001']);
    const { rung } = calls(at);
    at.clock.advance(6500);
    expect([rung, ringing(at)]).toEqual([['1001'], ['1002']]);
  });

  it('rings who has not served for the longest time: leastrecent', () => {
    const at = office('leastrecent');
    expect(servedBy(at, 5)).toEqual(['1001', '1002', '1003', '1001', '1002']);
  });

  it('rings who has served fewest: fewestcalls', () => {
    const at = office('fewestcalls');
    const board = queuesOf(at.pbx.exchange);
    board.get('support')!.members[0]!.callsTaken = 2;
    expect(servedBy(at, 5)).toEqual(['1002', '1003', '1002', '1003', '1001']);
  });

  it('rings anybody, as chance will have it: random', () => {
    const chances = [0.5, 0.1, 0.9, /* second caller */ 0.9, 0.8, 0.2];
    expect(
      servedBy(
        office('random', () => chances.shift()!),
        2,
      ),
    ).toEqual(['1002', '1003']);
  });

  it('rings those with a higher penalty less often: wrandom', () => {
    const at = office('wrandom');
    queuesOf(at.pbx.exchange).get('support')!.members[2]!.penalty = 9;
    const served = servedBy(at, 200);
    const share = (number: string): number => served.filter((who) => who === number).length;
    expect(share('1003')).toBeGreaterThan(0);
    expect(share('1003')).toBeLessThan(40);
    expect(share('1001') + share('1002')).toBeGreaterThan(150);
  });

  it('rings a member with a higher penalty only when there is no other', () => {
    const at = office('ringall');
    queuesOf(at.pbx.exchange).get('support')!.members[1]!.penalty = 1;
    expect(calls(at).rung).toEqual(['1001', '1003']);
  });

  it('rings the next one at once when a member refuses', () => {
    const at = office('leastrecent');
    const { rung } = calls(at);
    at.pbx.people.phone('1001').reject(486);
    at.clock.advance(200);
    expect([rung, ringing(at)]).toEqual([['1001'], ['1002']]);
  });

  it('chooses the same at random in every run, unless it is given chance', () => {
    expect(servedBy(office('random'), 10)).toEqual(servedBy(office('random'), 10));
    expect(new Set(servedBy(office('random'), 30)).size).toBe(3);
  });
});
