import { describe, expect, it } from 'vitest';
import { asteriskAmi } from '../../src/adapters/asterisk-ami/index.ts';
import type { Call, Connection } from '../../src/domain/call.ts';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { EngineEvent } from '../../src/domain/journal.ts';
import { createEngine } from '../../src/engine/index.ts';
import { Invariants } from '../../src/testing/invariants.ts';
import { scenariosOf } from '../conformance/table.ts';
import { CutSession } from '../support/cut-session.ts';
import { messagesOf } from '../support/recordings.ts';

const LINES = Array.from({ length: 10 }, (_, index) => String(1001 + index));

/** Plays a recording to an engine; gives its invariants and the last of its events. */
async function replay(recording: string): Promise<{ invariants: Invariants; events: EngineEvent[] }> {
  const clock = new SimulatedClock(0);
  const session = new CutSession();
  const engine = createEngine({
    adapters: [asteriskAmi({ link: 'pbx', session })],
    lines: LINES.map((device) => ({ device })),
    clock,
  });
  const invariants = new Invariants();
  const events: EngineEvent[] = [];
  engine.events$.subscribe((event) => {
    events.push(event);
    invariants.take(event);
  });
  session.connect({ channels: [], status: [], parked: [] });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(0);
  for (const { text, timeMs } of messagesOf(recording)) {
    if (!text.startsWith('Event: ')) continue;
    clock.advanceTo(timeMs);
    session.play(text, timeMs);
  }
  clock.advance(5_000);
  invariants.end(clock.now());
  await engine.stop();
  return { invariants, events };
}

describe.each(['22', '16'])('the recordings of Asterisk %s', (release) => {
  it.each(scenariosOf(release).map(({ name, recording }) => [name, recording] as const))(
    '%s breaks no invariant',
    async (_, recording) => {
      const { invariants, events } = await replay(recording);
      expect(invariants.seen).toBe(events.length);
      expect(invariants.violations).toEqual([]);
    },
  );
});

describe('the observer of invariants', () => {
  const connection = (more: Partial<Connection>): Connection => ({
    id: 'a',
    device: '1001',
    party: { device: '1001', category: 'station', number: '1001', name: null, presentation: 'allowed' },
    state: 'alerting',
    direction: 'in',
    startedAt: 1,
    since: 1,
    alertedAt: 1,
    ...more,
  });
  const call = (state: Call['state'], ...connections: Connection[]): Call => ({
    id: 'c',
    link: 'pbx',
    state,
    connections,
    callingDevice: null,
    calledDevice: null,
    lastRedirectionDevice: null,
    startedAt: 1,
    illegalEvents: 0,
    ...(state === 'cleared' ? { clearedAt: 3 } : {}),
  });
  const told = (seq: number, time: number, of: Call): EngineEvent =>
    ({ seq, time, kind: 'call', event: 'callInformation', call: of, changed: [] }) as EngineEvent;
  const violationsOf = (...events: EngineEvent[]): readonly string[] => {
    const invariants = new Invariants();
    for (const event of events) invariants.take(event);
    invariants.end(10_000);
    return invariants.violations;
  };

  it.each<[string, EngineEvent[]]>([
    [
      'a popup outlives its call',
      [told(1, 1, call('alerting', connection({}))), told(2, 3, call('cleared', connection({})))],
    ],
    [
      'an entry is missing',
      [told(1, 1, call('alerting', connection({}))), told(3, 3, call('alerting', connection({})))],
    ],
    [
      'time runs backwards',
      [told(1, 3, call('alerting', connection({}))), told(2, 2, call('alerting', connection({})))],
    ],
    [
      'a connection comes back',
      [
        told(1, 1, call('alerting', connection({ state: 'null', endedAt: 1 }))),
        told(2, 3, call('alerting', connection({ since: 3 }))),
      ],
    ],
    [
      'two telephones of one call go on ringing when it is answered',
      [
        told(1, 1, call('alerting', connection({}), connection({ id: 'b', device: '1002' }))),
        told(
          2,
          3,
          call(
            'connected',
            connection({ state: 'connected', answeredAt: 3, since: 3 }),
            connection({ id: 'b', device: '1002' }),
          ),
        ),
      ],
    ],
    [
      'somebody else is said to have answered, and nobody has',
      [told(1, 3, call('cleared', connection({ state: 'null', endedAt: 2, cause: 'multipleAlerting' })))],
    ],
    [
      'a line is idle in a call',
      [
        told(1, 1, call('alerting', connection({}))),
        {
          seq: 2,
          time: 1,
          kind: 'line',
          line: { device: '1001', link: 'pbx', state: 'idle', since: 1, connections: [] },
        },
      ],
    ],
  ])('notices that %s', (_, events) => {
    expect(violationsOf(...events)).not.toEqual([]);
  });

  it('finds nothing where nothing is wrong', () => {
    const rings = connection({});
    const over = connection({ state: 'null', since: 3, endedAt: 3 });
    expect(violationsOf(told(1, 1, call('alerting', rings)), told(2, 3, call('cleared', over)))).toEqual([]);
  });
});
