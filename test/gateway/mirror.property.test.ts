import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../../src/gateway/server.ts';
import { callOf, FakeEngine } from './fake-engine.ts';
import { Client } from './support.ts';

const device = fc.constantFrom('1001', '1002', '1003', '1004');
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('merge' as const),
      from: fc.constantFrom('a', 'b', 'c', 'd'),
      into: fc.constantFrom('a', 'b', 'c', 'd'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      devices: fc.uniqueArray(device, { minLength: 1, maxLength: 3 }),
      state: fc.constantFrom('alerting' as const, 'connected' as const, 'hold' as const, 'cleared' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('line' as const),
      device,
      state: fc.constantFrom('idle' as const, 'alerting' as const, 'unknown' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('link' as const),
      state: fc.constantFrom('up' as const, 'waiting' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('disconnect' as const, 'resume' as const, 'afresh' as const, 'wait' as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Action = Extract<Step, { do: 'disconnect' | 'resume' | 'afresh' | 'wait' }>;

function isAction(action: Step): action is Action {
  return ['disconnect', 'resume', 'afresh', 'wait'].includes(action.do);
}

/** A subscriber that loses its connection now and then, and keeps what it knows. */
class Mirror {
  readonly #gateway: Gateway;
  readonly #lines: string[] | undefined;
  #client: Client | undefined;
  #state: Client['state'] | undefined;

  constructor(gateway: Gateway, lines: string[] | undefined) {
    this.#gateway = gateway;
    this.#lines = lines;
  }

  async act(action: 'disconnect' | 'resume' | 'afresh' | 'wait'): Promise<void> {
    if (action === 'disconnect') this.disconnect();
    else if (action === 'wait') await this.#client?.call('unknown');
    else await this.connect(action === 'resume' ? this.#state?.cursor : undefined);
  }

  async connect(after: string | undefined): Promise<void> {
    this.disconnect();
    this.#client = await Client.connect(this.#gateway);
    if (this.#state !== undefined && after !== undefined) Object.assign(this.#client.state, this.#state);
    this.#state = this.#client.state;
    await this.#client.call('subscribe', {
      ...(this.#lines === undefined ? {} : { lines: this.#lines }),
      ...(after === undefined ? {} : { after }),
    });
  }

  disconnect(): void {
    this.#client?.socket.terminate();
    this.#client = undefined;
  }

  /** What it knows once everything that was sent has arrived. */
  async settled() {
    await this.connect(this.#state?.cursor);
    await this.#client?.call('unsubscribe');
    await this.#client?.call('unknown');
    return this.#state;
  }
}

function apply(engine: FakeEngine, action: Exclude<Step, Action>): void {
  if (action.do === 'call') {
    // A connection that left stays listed in its call.
    const before = engine.call(action.id)?.connections.map(({ device: known }) => known) ?? [];
    engine.setCall(callOf(action.id, [...new Set([...before, ...action.devices])], action.state));
  } else if (action.do === 'merge') engine.merge(action.from, action.into);
  else if (action.do === 'line') engine.setLine(action.device, action.state);
  else if (action.do === 'link') engine.setLink('pbx', action.state);
}

describe('what a subscriber knows', () => {
  it('is what the engine knows, whatever happened and however often the connection was lost', {
    timeout: 60_000,
  }, async () => {
    const steps = fc.array(step, { maxLength: 40, size: 'max' });
    const lines = fc.option(fc.uniqueArray(device, { maxLength: 2 }), { nil: undefined });
    const journalSize = fc.constantFrom(3, 10, 1_000);
    await fc.assert(
      fc.asyncProperty(steps, lines, journalSize, async (actions, wanted, size) => {
        const engine = new FakeEngine(size);
        const gateway = await createGateway({ engine, maxRequestsPerSecond: 10_000 });
        const mirror = new Mirror(gateway, wanted);
        await mirror.connect(undefined);
        for (const action of actions) {
          if (isAction(action)) await mirror.act(action.do);
          else apply(engine, action);
        }
        const known = await mirror.settled();
        const client = await Client.connect(gateway);
        const { result } = await client.call('getSnapshot', wanted === undefined ? {} : { lines: wanted });
        await gateway.close();
        expect(byName([...(known?.lines.values() ?? [])])).toEqual(byName(result.lines));
        expect([...(known?.links.values() ?? [])]).toEqual(result.links);
        expect(byName([...(known?.calls.values() ?? [])])).toEqual(
          byName(result.calls.filter(({ state }: { state: string }) => state !== 'cleared')),
        );
      }),
      { numRuns: 100 },
    );
  });
});

function byName<T extends { id?: string; device?: string }>(things: readonly T[]): T[] {
  return [...things].sort((a, b) => String(a.id ?? a.device).localeCompare(String(b.id ?? b.device)));
}
