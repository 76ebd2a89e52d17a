import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  CALL_KINDS,
  type CallDraft,
  createAsteriskSimulator,
  type GoneClient,
  LoadGenerator,
  type LoadOptions,
  loadOffice,
  MAX_LINES,
  OFFICE_MIX,
} from '../../simulators/index.ts';
import { seededRandom } from '../../simulators/load/random.ts';
import type { Exchange } from '../../simulators/model/exchange.ts';
import { createModelPbx, type ModelPbx } from '../../simulators/model/model-pbx.ts';
import { type Clock, SimulatedClock } from '../../src/domain/clock.ts';
import { TestClient } from './client.ts';
import { violations } from './invariants.ts';

const START = 1_795_368_848_000;

interface Load {
  readonly clock: SimulatedClock;
  readonly pbx: ModelPbx;
  readonly generator: LoadGenerator;
  readonly offered: CallDraft[];
}

/** A generator on a model PBX without any protocol; not started. */
function load(options: Partial<LoadOptions> & { readonly lines?: number } = {}): Load {
  const clock = new SimulatedClock(START);
  const office = loadOffice(options.lines ?? 200);
  const pbx = createModelPbx(clock, office.config);
  const offered: CallDraft[] = [];
  const generator = new LoadGenerator({
    pbx,
    office,
    clock,
    callsPerSecond: 10,
    durationMs: 60_000,
    meanTalkMs: 5_000,
    onOffered: (draft) => offered.push(draft),
    ...options,
  });
  return { clock, pbx, generator, offered };
}

describe('the load office', () => {
  it('has as many telephones as asked for, with numbers of four and five digits, each once', () => {
    for (const lines of [2, 11, 12, 500, 5_000, MAX_LINES]) {
      const { config, lines: free, queues } = loadOffice(lines);
      const numbers = config.extensions!.map(({ number }) => number);
      expect(new Set(numbers).size).toBe(lines);
      expect(numbers.every((number) => /^[1-6]\d{3,4}$/.test(number))).toBe(true);
      expect(numbers.some((number) => number.length === 5)).toBe(lines > 4_000);
      const agents = config.queues!.flatMap(({ members }) => members);
      expect([...free, ...agents].sort()).toEqual([...numbers].sort());
      expect(new Set(queues).size).toBe(config.queues!.length);
      expect(free.length).toBeGreaterThanOrEqual(Math.min(2, lines));
    }
  });
});

describe('offered load', () => {
  it('arrives by chance at the rate that was asked for, or at exactly the same distance', () => {
    const byChance = load({ callsPerSecond: 20, durationMs: 300_000, lines: 1_000 });
    byChance.generator.start();
    byChance.clock.advance(300_000);
    const { offered, due } = byChance.generator.figures;
    expect(offered).toBe(due);
    // Six standard deviations of Poisson's distribution.
    expect(Math.abs(offered - 6_000)).toBeLessThan(6 * Math.sqrt(6_000));
    const even = load({ callsPerSecond: 4, arrivals: 'even', durationMs: 10_000 });
    even.generator.start();
    even.clock.advance(10_000);
    expect(even.generator.figures).toMatchObject({ due: 40, offered: 40, elapsedMs: 10_000, mostLagMs: 0 });
    expect(even.generator.isOver).toBe(true);
  });

  it('is a mix of all kinds of calls, each of which goes as it should', () => {
    const { generator, clock, pbx } = load({ callsPerSecond: 20, durationMs: 600_000, lines: 1_000 });
    const seen = new Set<string>();
    pbx.exchange.subscribe(({ type }) => seen.add(type));
    generator.start();
    clock.advance(600_000);
    clock.advance(120_000);
    const { offered, kinds, completed, disturbed, up, skipped } = generator.figures;
    expect({ disturbed, up, skipped }).toEqual({
      disturbed: 0,
      up: 0,
      skipped: { noFreeLine: 0, tooManyUp: 0, late: 0 },
    });
    expect(completed).toBe(offered);
    for (const kind of CALL_KINDS) {
      const expected = (offered * OFFICE_MIX[kind]) / 100;
      expect(Math.abs(kinds[kind] - expected), kind).toBeLessThan(6 * Math.sqrt(expected));
    }
    const telling = [
      'held',
      'retrieved',
      'blindTransfer',
      'attendedTransfer',
      'queueJoined',
      'agentConnected',
    ] as const;
    for (const type of telling) expect(seen).toContain(type);
    expect([pbx.exchange.legs.size, pbx.exchange.bridges.size]).toEqual([0, 0]);
  });

  it('is the same for the same seed, event by event, and another for another seed', () => {
    const story = (seed: number): string[] => {
      const { generator, clock, pbx } = load({ seed });
      const told: string[] = [];
      pbx.exchange.subscribe((event) => {
        const device = 'leg' in event ? event.leg?.device : 'to' in event ? event.to.device : undefined;
        told.push(`${clock.now()} ${event.type} ${device}`);
      });
      generator.start();
      clock.advance(60_000);
      return told;
    };
    const first = story(7);
    expect(first.length).toBeGreaterThan(10_000);
    expect(story(7)).toEqual(first);
    expect(story(8)).not.toEqual(first);
  });

  it('draws the same calls whether those before could be offered or not', () => {
    const [free, full] = [load({ callsPerSecond: 50 }), load({ callsPerSecond: 50, mostUp: 20 })];
    for (const { generator, clock } of [free, full]) {
      generator.start();
      clock.advance(30_000);
    }
    const drafts = new Map(free.offered.map((draft) => [draft.serial, draft]));
    expect(full.offered.length).toBeGreaterThan(50);
    expect(full.offered.length).toBeLessThan(free.offered.length);
    for (const draft of full.offered) expect(draft).toEqual(drafts.get(draft.serial) ?? draft);
  });

  it.each([
    ['the most that may be up', { mostUp: 15, lines: 400 }, 'tooManyUp'],
    ['the lines that are free', { lines: 20 }, 'noFreeLine'],
  ] as const)('is bounded by %s, and what is left out is counted', (_, bound, reason) => {
    const { generator, clock } = load({ ...bound, callsPerSecond: 30, meanTalkMs: 30_000 });
    generator.start();
    clock.advance(60_000);
    const { due, offered, skipped, mostUp } = generator.figures;
    expect(mostUp).toBeLessThanOrEqual(20);
    expect(skipped[reason]).toBeGreaterThan(100);
    expect(offered + skipped.noFreeLine + skipped.tooManyUp).toBe(due);
  });

  it('says how late it is on a slow machine, and leaves out what is more than two seconds late', () => {
    const slow = (byMs: number) => {
      const clock = new SimulatedClock(START);
      const tired: Clock = { now: () => clock.now(), setTimer: (callback, ms) => clock.setTimer(callback, ms + byMs) };
      const { generator } = load({ clock: tired, callsPerSecond: 1 });
      generator.start();
      clock.advance(60_000);
      return generator.figures;
    };
    const late = slow(300);
    expect(late.mostLagMs).toBeGreaterThanOrEqual(300);
    expect(late.meanLagMs).toBeGreaterThan(100);
    expect(late.skipped.late).toBe(0);
    const tooLate = slow(5_000);
    expect(tooLate.skipped.late).toBeGreaterThan(5);
    expect(tooLate.mostLagMs).toBeLessThanOrEqual(2_000);
    expect(tooLate.offered + tooLate.skipped.late).toBeLessThanOrEqual(tooLate.due);
  });

  it('goes on when a client hangs calls up, and uses their lines again', () => {
    const { generator, clock, pbx } = load({ lines: 10, callsPerSecond: 2, meanTalkMs: 1_500, durationMs: 120_000 });
    const { exchange } = pbx;
    generator.start();
    const draw = seededRandom(3);
    for (let at = 0; at < 120_000; at += 500) {
      clock.advance(500);
      const leg = [...exchange.legs][Math.floor(draw() * exchange.legs.size)];
      if (leg && draw() < 0.4) exchange.act(() => exchange.hangUp(leg, { cause: 16, requested: true }));
    }
    clock.advance(60_000);
    const { disturbed, completed, offered, up } = generator.figures;
    expect(disturbed).toBeGreaterThan(10);
    expect(completed + disturbed).toBe(offered);
    expect([up, exchange.legs.size, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it('keeps about 60 % of the lines busy when nobody says how long people talk', () => {
    const clock = new SimulatedClock(START);
    const office = loadOffice(1_000);
    const pbx = createModelPbx(clock, office.config);
    const generator = new LoadGenerator({ pbx, office, clock, callsPerSecond: 20 });
    generator.start();
    clock.advance(180_000);
    const { devices } = pbx.exchange;
    const busy = office.lines.filter((line) => devices.state(line) !== 'notInUse').length;
    expect(busy / office.lines.length).toBeGreaterThan(0.45);
    expect(busy / office.lines.length).toBeLessThan(0.75);
    expect(generator.figures.skipped).toEqual({ noFreeLine: 0, tooManyUp: 0, late: 0 });
  });

  it('ends at once when it is stopped: no call, no timer', () => {
    const { generator, clock, pbx } = load({ callsPerSecond: 50 });
    generator.start();
    clock.advance(10_000);
    expect(generator.figures.up).toBeGreaterThan(50);
    generator.stop();
    generator.stop();
    clock.advance(0);
    // Who was refused hears it out.
    clock.advance(15_000);
    expect([generator.figures.up, pbx.exchange.legs.size, pbx.exchange.bridges.size]).toEqual([0, 0, 0]);
    const { offered } = generator.figures;
    clock.advance(60_000);
    expect([generator.figures.offered, clock.pendingTimers]).toEqual([offered, 0]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a rate of %s is refused by name', (callsPerSecond) => {
    expect(() => load({ callsPerSecond })).toThrow('callsPerSecond');
  });
});

/** What a device does, found by looking at every call. */
function stateByLooking(x: Exchange, device: string): string {
  const legs = [...x.legs].filter((leg) => leg.device === device && leg.state !== 'down');
  const rest = legs.filter((leg) => leg.state !== 'ringing');
  if (rest.some((leg) => leg.state === 'busy')) return 'busy';
  if (rest.length < legs.length) return rest.length > 0 ? 'ringInUse' : 'ringing';
  if (legs.length === 0) return 'notInUse';
  const held = legs.every(
    (leg) => leg.bridge?.kind === 'basic' && (leg.music || leg.bridge.peers(leg).some(({ holding }) => holding)),
  );
  return held ? 'onHold' : 'inUse';
}

describe('the model under load', () => {
  it('knows of every device what looking at all calls would tell', () => {
    const mix = { ...OFFICE_MIX, held: 40 };
    const { generator, clock, pbx } = load({
      lines: 30,
      callsPerSecond: 0.15,
      mix,
      meanTalkMs: 9_000,
      durationMs: 900_000,
    });
    const { exchange } = pbx;
    const devices = [...exchange.office.extensions.keys(), 'trunk'];
    const seen = new Set<string>();
    const drawn = seededRandom(5);
    generator.start();
    for (let round = 0; round < 4_000; round++) {
      clock.advance(Math.floor(drawn() * 400));
      for (const device of devices) {
        const state = exchange.devices.state(device);
        seen.add(state);
        expect(state, device).toBe(stateByLooking(exchange, device));
        expect(exchange.devices.legsOf(device)).toEqual([...exchange.legs].filter((leg) => leg.device === device));
      }
      expect(exchange.devices.ringing()).toEqual(
        [...exchange.legs].filter((leg) => leg.state === 'ringing' && leg.device !== undefined),
      );
    }
    for (const state of ['notInUse', 'inUse', 'ringing', 'ringInUse', 'onHold']) expect(seen).toContain(state);
  });

  it('costs about as much for each call with 3,000 calls up as with 100', () => {
    const cost = (lines: number, callsPerSecond: number): number => {
      const { generator, clock } = load({ lines, callsPerSecond, meanTalkMs: 30_000, durationMs: 1_000_000 });
      generator.start();
      clock.advance(60_000);
      const before = generator.figures.offered;
      const start = process.cpuUsage();
      clock.advance(1_000_000 / callsPerSecond);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / Math.max(1, generator.figures.offered - before);
    };
    const least = (lines: number, rate: number) => Math.min(cost(lines, rate), cost(lines, rate), cost(lines, rate));
    const few = least(300, 3);
    const many = least(6_000, 100);
    expect(many / few).toBeLessThan(4);
  });
});

/** A client that is logged in and reads without keeping anything. */
async function listener(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write('Action: Login\r\nUsername: offhook\r\nSecret: secret\r\n\r\n');
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => chunk.includes('Authentication accepted') && resolve());
  });
  return socket;
}

describe('clients under load', () => {
  const simulated = async (options: {
    readonly maxUnsentBytes?: number;
    readonly onGone?: (client: GoneClient) => void;
  }) => {
    const clock = new SimulatedClock(START);
    const office = loadOffice(200);
    const pbx = await createAsteriskSimulator({ ...office.config, clock, ...options });
    onTestFinished(() => pbx.stop());
    const generator = new LoadGenerator({ pbx: pbx.model, office, clock, callsPerSecond: 10, meanTalkMs: 5_000 });
    return { clock, pbx, generator };
  };

  it('are told nothing that an Asterisk would not tell', async () => {
    const { clock, pbx, generator } = await simulated({});
    const client = await TestClient.open(pbx.port);
    await client.login();
    generator.start();
    clock.advance(20_000);
    generator.stop();
    clock.advance(20_000);
    await client.settle();
    expect(violations(client.events)).toEqual([]);
    expect(pbx.model.exchange.legs.size).toBe(0);
    expect(pbx.flow).toMatchObject([{ username: 'offhook', unreadBytes: 0 }]);
    expect(pbx.flow[0]?.bytes).toBe(Buffer.byteLength(client.text));
    expect(pbx.flow[0]?.events).toBe(client.events.filter(({ name }) => name !== '').length);
  });

  it('that do not read are seen not to, hold nobody up, and are cut off in the end', async () => {
    const gone: GoneClient[] = [];
    const { clock, pbx, generator } = await simulated({ maxUnsentBytes: 500_000, onGone: (each) => gone.push(each) });
    const [reader, deaf] = [await listener(pbx.port), await listener(pbx.port)];
    deaf.pause();
    generator.start();
    let waited = 0;
    for (let second = 0; second < 600 && gone.length === 0; second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
      const flow = pbx.flow.find(({ address }) => address.endsWith(`:${deaf.localPort}`));
      if (flow !== undefined && flow.unreadBytes > 0) waited = Math.max(waited, flow.longestWaitMs);
    }
    expect(waited).toBeGreaterThanOrEqual(1_000);
    expect(gone).toMatchObject([{ username: 'offhook', cutOff: true, address: `127.0.0.1:${deaf.localPort}` }]);
    expect(gone[0]!.mostUnreadBytes).toBeGreaterThan(500_000);
    expect(gone[0]!.longestWaitMs).toBeGreaterThanOrEqual(waited);
    const { due, offered } = generator.figures;
    expect(offered).toBe(due);
    expect(reader.destroyed).toBe(false);
    expect(pbx.flow).toMatchObject([{ address: `127.0.0.1:${reader.localPort}` }]);
    generator.stop();
  });
});
