import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../../src/domain/clock.ts';
import type { Recognition } from '../../src/domain/contact.ts';
import type { Party } from '../../src/domain/device.ts';
import { OffhookError } from '../../src/domain/error.ts';
import type { CallChange } from '../../src/domain/event.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import type { Recogniser } from '../../src/engine/engine.ts';
import { answered, event, FakeAdapter, hungUp, incoming, outside, station } from './fake-adapter.ts';

const ALICE = outside('+31201234567');
const BOB = outside('+442079460991');

/** A recognition that names the number that it is of. */
function known(party: Party): Recognition {
  const number = party.number ?? '';
  const contact = { id: number, source: 'test', name: `Contact of ${number}`, numbers: [] };
  return { status: 'known', hits: [{ contact, reason: 'exact', confidence: 1, matched: number }] };
}

/** Whose contact a recognition names. */
const nameIn = (recognition: Recognition | undefined) =>
  recognition?.status === 'known' ? recognition.hits[0]?.contact.id : undefined;

/** A recogniser whose answers come when a test says so. */
class Desk implements Recogniser {
  readonly asked: Party[] = [];
  readonly #answers: { resolve: (answer: Recognition) => void; reject: (error: unknown) => void }[] = [];

  recognise(party: Party): Promise<Recognition> {
    this.asked.push(party);
    return new Promise((resolve, reject) => this.#answers.push({ resolve, reject }));
  }

  async answer(index: number, recognition = known(this.asked[index]!)): Promise<void> {
    this.#answers[index]!.resolve(recognition);
    await settled();
  }

  async fail(index: number, error: unknown): Promise<void> {
    this.#answers[index]!.reject(error);
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let tick = 0; tick < 5; tick++) await Promise.resolve();
}

function setUp<R extends Recogniser>(recognition: R) {
  const pbx = new FakeAdapter();
  const engine = createEngine({
    adapters: [pbx],
    lines: [{ device: '1001' }, { device: '1002' }],
    clock: new SimulatedClock(),
    recognition,
  });
  const changes: CallChange[] = [];
  engine.calls$.subscribe((change) => changes.push(change));
  pbx.up();
  const recognised = (id: string) => {
    for (const call of engine.snapshot().calls) {
      for (const connection of call.connections) if (connection.id === id) return connection.recognition;
    }
    return undefined;
  };
  return { pbx, engine, changes, recognition, recognised };
}

describe('recognition', () => {
  it('announces a call at once as pending, and patches the contact in when it is found', async () => {
    const { pbx, changes, recognition, recognised } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(changes.map((change) => change.event)).toEqual(['originated', 'delivered']);
    expect(changes[0]!.call.connections[0]!.recognition).toEqual({ status: 'pending' });
    await recognition.answer(0);
    expect(changes.at(-1)).toMatchObject({ event: 'recognised', changed: ['c:in'] });
    expect(nameIn(recognised('c:in'))).toBe('+31201234567');
  });

  it('is in the very first announcement when it is known from memory', () => {
    const asked: Party[] = [];
    const { pbx, changes } = setUp({
      peek: (party) => known(party),
      recognise: async (party) => {
        asked.push(party);
        return { status: 'unknown' };
      },
    });
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(nameIn(changes[0]!.call.connections[0]!.recognition)).toBe('+31201234567');
    expect(changes.some((change) => change.event === 'recognised')).toBe(false);
    expect(asked).toEqual([]);
  });

  it('asks once per party, not once per event', async () => {
    const { pbx, recognition } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1), answered('c', '1001', 20));
    await recognition.answer(0);
    pbx.say(event('held', 'c', 30, [{ id: 'c:1001', device: '1001', state: 'hold' }]));
    pbx.say(event('callInformation', 'c', 31, [{ id: 'c:in', device: 'trunk-1', party: { ...ALICE, name: 'A' } }]));
    expect(recognition.asked).toEqual([ALICE]);
  });

  it('says that a number is withheld, without asking anybody', () => {
    const { pbx, recognition, recognised } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', outside(null, 'restricted'), 1));
    expect(recognised('c:in')).toEqual({ status: 'withheld' });
    expect(recognition.asked).toEqual([]);
  });

  it('leaves alone who has no number', () => {
    const { pbx, recognition, recognised } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', outside(null, 'unavailable'), 1));
    expect(recognised('c:in')).toBeUndefined();
    expect(recognition.asked).toEqual([]);
  });

  it('looks up colleagues, but not the line itself', () => {
    const { pbx, recognition } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1));
    expect(recognition.asked).toEqual([ALICE]);
    const [from, to] = [station('2002'), station('1002')];
    pbx.say(
      event('originated', 'd', 1, [{ id: 'd:a', device: '2002', state: 'connected', direction: 'out', party: from }]),
      event('delivered', 'd', 2, [{ id: 'd:b', device: '1002', state: 'alerting', direction: 'in', party: to }]),
    );
    expect(recognition.asked).toEqual([ALICE, from]);
  });

  it('makes a failed look-up an answer like any other', async () => {
    const { pbx, recognition, recognised } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1), ...incoming('d', '1002', BOB, 1));
    await recognition.fail(0, new Error('no route to host'));
    await recognition.fail(1, new OffhookError('link.timeout', 'slow'));
    expect(recognised('c:in')).toEqual({ status: 'failed', code: 'recognition.failed' });
    expect(recognised('d:in')).toEqual({ status: 'failed', code: 'link.timeout' });
  });

  it('survives a recogniser that throws where it must not', async () => {
    const { pbx, recognised } = setUp({
      peek: () => {
        throw new Error('peek');
      },
      recognise: () => {
        throw new Error('recognise');
      },
    });
    pbx.say(...incoming('c', '1001', ALICE, 1));
    await settled();
    expect(recognised('c:in')).toEqual({ status: 'failed', code: 'recognition.failed' });
  });

  it('asks anew when the party changes, and drops the answer about the former one', async () => {
    const { pbx, recognition, recognised } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1));
    pbx.say(event('callInformation', 'c', 20, [{ id: 'c:in', device: 'trunk-1', party: BOB }]));
    expect(recognition.asked).toEqual([ALICE, BOB]);
    await recognition.answer(0);
    expect(recognised('c:in')).toEqual({ status: 'pending' });
    await recognition.answer(1);
    expect(nameIn(recognised('c:in'))).toBe('+442079460991');
  });

  it('follows a party into the call that it was transferred to', async () => {
    const { pbx, recognition, recognised, engine } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1), answered('c', '1001', 20), ...incoming('d', '1002', BOB, 30));
    pbx.say(event('transferred', 'd', 40, [{ id: 'c:1001', device: '1001', state: 'null' }], { absorbs: 'c' }));
    await recognition.answer(0);
    expect(nameIn(recognised('c:in'))).toBe('+31201234567');
    expect(engine.call('d')?.connections.map(({ id }) => id)).toContain('c:in');
  });

  it('still names a missed caller while the call is kept, and nobody after it', async () => {
    const { pbx, recognition, recognised, changes, engine } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1), ...hungUp('c', '1001', 20));
    await recognition.answer(0);
    expect(nameIn(recognised('c:in'))).toBe('+31201234567');
    expect(changes.at(-1)).toMatchObject({ event: 'recognised', call: { state: 'cleared' } });
    await engine.stop();
  });

  it('is not told to anybody after the engine has stopped', async () => {
    const { pbx, recognition, changes, engine } = setUp(new Desk());
    pbx.say(...incoming('c', '1001', ALICE, 1));
    await engine.stop();
    const { seq } = engine.snapshot();
    await recognition.answer(0);
    expect(changes.map((change) => change.event)).not.toContain('recognised');
    expect(engine.snapshot().seq).toBe(seq);
  });
});

describe('the name of one caller', () => {
  it('never shows on another call, whichever of look-up, hang-up and next call comes first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, sameConnection) => {
        const lookUp = scheduler.scheduleFunction(async (party: Party) => known(party));
        const { pbx, engine, changes } = setUp({ recognise: lookUp });
        const second = sameConnection ? 'c' : 'd';
        const steps = scheduler.scheduleSequence([
          async () => pbx.say(...incoming('c', '1001', ALICE, 1)),
          async () => (sameConnection ? pbx.say(renamed) : pbx.say(...hungUp('c', '1001', 20))),
          async () => (sameConnection ? undefined : pbx.say(...incoming('d', '1001', BOB, 30))),
          async () => pbx.say(answered(second, '1001', 60)),
          async () => pbx.say(...hungUp(second, '1001', 80)),
        ]);
        await scheduler.waitFor(steps.task);
        await scheduler.waitAll();
        await settled();
        for (const { call } of changes) {
          for (const { party, recognition } of call.connections) {
            const name = nameIn(recognition);
            if (name !== undefined) expect(name).toBe(party.number);
          }
        }
        for (const call of engine.snapshot().calls) {
          for (const { party, recognition } of call.connections) {
            if (party.category === 'trunk') expect(nameIn(recognition)).toBe(party.number);
          }
        }
        await engine.stop();
      }),
      { numRuns: 300 },
    );
  });
});

/** The switch corrects who calls. */
const renamed = event('callInformation', 'c', 20, [{ id: 'c:in', device: 'trunk-1', party: BOB }]);
