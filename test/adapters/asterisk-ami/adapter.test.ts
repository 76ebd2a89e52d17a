import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAsteriskSimulator } from '../../../simulators/index.ts';
import { asteriskAmi } from '../../../src/adapters/asterisk-ami/index.ts';
import type { LineCall } from '../../../src/domain/call.ts';
import type { Command } from '../../../src/domain/command.ts';
import { createEngine, type Engine } from '../../../src/engine/index.ts';

type Pbx = Awaited<ReturnType<typeof createAsteriskSimulator>>;

const CAROL = { from: '+442079460991', name: 'Carol Customer', to: '+442079460101' };
const LINES = ['1001', '1002', '1003'];

let pbx: Pbx;
let engine: Engine;

/** Waits for something to come true; the sockets are real, the time is short. */
async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = look();
    if (found !== undefined && found !== false) return found as T;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not seen within 6 s: ${what}`);
}

function start(options: Partial<Parameters<typeof asteriskAmi>[0]> = {}): Engine {
  return createEngine({
    adapters: [
      asteriskAmi({
        link: 'pbx',
        connect: {
          host: '127.0.0.1',
          port: pbx.port,
          username: 'offhook',
          secret: 'secret',
          reconnect: { initialMs: 20, maxMs: 50 },
        },
        ...options,
      }),
    ],
    lines: LINES.map((device) => ({ device })),
  });
}

const isUp = () => engine.snapshot().links[0]?.state === 'up';
const live = (device: string): LineCall[] => engine.lineCalls(device).filter((call) => call.state !== 'null');
const call = (device: string, states: string) =>
  live(device).find((each) => `${each.state}:${each.remoteState ?? ''}` === states);

beforeEach(async () => {
  pbx = await createAsteriskSimulator();
  engine = start();
  await until('the link is up', isUp);
});

afterEach(async () => {
  await engine.stop();
  await pbx.stop();
});

/** Carol calls 1001, who answers. */
async function talking(): Promise<LineCall> {
  pbx.call(CAROL);
  await until('1001 rings', () => call('1001', 'alerting:connected'));
  pbx.phone('1001').answer();
  return until('1001 talks', () => call('1001', 'connected:connected'));
}

describe('calls of a simulated Asterisk, over a real socket', () => {
  test('an outside call is told with its caller, its DID and its end', async () => {
    const carol = pbx.call(CAROL);
    const ringing = await until('1001 rings', () => call('1001', 'alerting:connected'));
    expect(ringing).toMatchObject({ direction: 'in', dialled: '+442079460101' });
    const known = await until('1001 knows who calls', () =>
      live('1001').find((each) => each.remote?.number === '+442079460991'),
    );
    expect(known).toMatchObject({ id: ringing.id, remote: { name: 'Carol Customer', presentation: 'allowed' } });
    carol.hangup();
    const ended = await until('the call is over', () => engine.lineCalls('1001').find((each) => each.state === 'null'));
    expect(ended).toMatchObject({ id: ringing.id, cause: 'callCancelled', endedBy: 'remote', missed: true });
    expect(engine.line('1001')?.state).toBe('idle');
  });

  test('a caller who withheld his number stays withheld though the switch tells it: the presentation is asked for', async () => {
    pbx.call({ ...CAROL, withheld: true });
    const ringing = await until('withheld', () =>
      live('1001').find((each) => each.remote?.presentation === 'restricted'),
    );
    expect(ringing.remote).toMatchObject({ number: null, name: null });
  });

  test('a call that was diverted to us says by whom', async () => {
    pbx.call({ ...CAROL, divertedFrom: '+442079460555' });
    await until('1001 rings', () => call('1001', 'alerting:connected'));
    await until('the diversion', () =>
      engine.snapshot().calls.some((each) => each.lastRedirectionDevice?.number === '+442079460555'),
    );
  });
});

describe('commands', () => {
  const run = (command: Command) => engine.execute(command);

  test("makeCall rings the user's own phone first, as initiated, and says so", async () => {
    const made = await run({ type: 'makeCall', device: '1001', number: '1002' });
    expect(made).toMatchObject({ ok: true });
    expect(live('1001')[0]).toMatchObject({ state: 'initiated', originated: true, prompted: true, direction: 'out' });
    expect(engine.line('1001')?.state).toBe('initiated');
    pbx.phone('1001').answer();
    const rings = await until('1002 rings', () => live('1002').find((each) => each.state === 'alerting'));
    expect(rings.remote?.number).toBe('1001');
  });

  test('makeCall from a phone that refuses is not a success', async () => {
    pbx.phone('1001').register(false);
    await until('1001 is out of service', () => engine.line('1001')?.state === 'outOfService');
    const made = await run({ type: 'makeCall', device: '1001', number: '1002' });
    expect(made).toMatchObject({ ok: false, code: 'command.refused' });
  });

  test.each(['', '10 02', 'abc', '1002\r\nAction: Logoff', '1002&PJSIP/1003', '+', '9'.repeat(60)])(
    'makeCall refuses to dial %j before anything is sent',
    async (number) => {
      const made = await run({ type: 'makeCall', device: '1001', number });
      expect(made).toMatchObject({ ok: false, code: 'command.invalid-argument' });
      expect(live('1001')).toEqual([]);
    },
  );

  test('clearConnection ends a call, and says that a client did', async () => {
    const { id } = await talking();
    expect(await run({ type: 'clearConnection', connection: id })).toMatchObject({ ok: true });
    expect(engine.lineCalls('1001').find((each) => each.id === id)).toMatchObject({ state: 'null', endedBy: 'client' });
  });

  test('singleStepTransferCall sends the caller on', async () => {
    const { id } = await talking();
    expect(await run({ type: 'singleStepTransferCall', connection: id, number: '1002' })).toMatchObject({ ok: true });
    const rings = await until('1002 rings', () => call('1002', 'alerting:connected'));
    expect(rings).toMatchObject({ transferredBy: { number: '1001' }, dialled: '1002' });
    expect(rings.remote?.number).toBe('+442079460991');
  });

  test('deflectCall sends a ringing caller elsewhere', async () => {
    pbx.call(CAROL);
    const { id } = await until('1001 rings', () => call('1001', 'alerting:connected'));
    expect(await run({ type: 'deflectCall', connection: id, number: '1002' })).toMatchObject({ ok: true });
    await until('1002 rings', () => call('1002', 'alerting:connected'));
    expect(live('1001')).toEqual([]);
  });

  test('parkCall answers with the place', async () => {
    const { id } = await talking();
    const parked = await run({ type: 'parkCall', connection: id });
    expect(parked).toMatchObject({ ok: true, place: '701' });
    await until('1001 is let go', () => live('1001').length === 0);
    pbx.phone('1002').dial('701');
    const back = await until('1002 has the caller', () =>
      live('1002').find((each) => each.remote?.number === '+442079460991'),
    );
    expect(back.retrievedFrom).toBe('701');
  });

  test('directedPickupCall takes what rings elsewhere, once the own phone is answered', async () => {
    pbx.call(CAROL);
    const { id } = await until('1001 rings', () => call('1001', 'alerting:connected'));
    const taken = run({ type: 'directedPickupCall', device: '1002', connection: id });
    await until('1002 is prompted', () => live('1002').find((each) => each.prompted === true));
    pbx.phone('1002').answer();
    expect(await taken).toMatchObject({ ok: true });
    expect(live('1002')[0]?.remote?.number).toBe('+442079460991');
    expect(live('1001')).toEqual([]);
  });

  test('holdCall of a phone that is not known to obey is refused with a remedy', async () => {
    const { id } = await talking();
    const held = await run({ type: 'holdCall', connection: id });
    expect(held).toMatchObject({ ok: false, code: 'command.unsupported' });
    expect((held as { remedy?: string }).remedy).toMatch(/remoteControl/);
  });

  test('generateDigits refuses what is no digit', async () => {
    const { id } = await talking();
    expect(await run({ type: 'generateDigits', connection: id, digits: '12' })).toMatchObject({ ok: true });
    expect(await run({ type: 'generateDigits', connection: id, digits: '1 2' })).toMatchObject({
      ok: false,
      code: 'command.invalid-argument',
    });
  });
});

describe('a link that breaks', () => {
  test('lines are unknown at once, and right again with the same call after the reconnect', async () => {
    const before = await talking();
    pbx.dropConnections();
    await until('unknown', () => engine.line('1001')?.state === 'unknown');
    expect(LINES.map((device) => engine.line(device)?.state)).toEqual(['unknown', 'unknown', 'unknown']);
    await until('up again', isUp);
    expect(engine.line('1001')?.state).toBe('connected');
    expect(engine.line('1002')?.state).toBe('idle');
    expect(live('1001').map((each) => each.id)).toEqual([before.id]);
  });

  test('a call that ended meanwhile is cleared with cause unknown; one that began is found', async () => {
    const first = pbx.call(CAROL);
    const { id } = await until('1001 rings', () => call('1001', 'alerting:connected'));
    const stop = pbx.connections;
    expect(stop).toBe(1);
    pbx.dropConnections();
    first.hangup();
    pbx.call({ from: '+12025550143', name: 'Dave Dealer', to: '+442079460102' });
    await until('up again', isUp);
    await until('the first is over', () =>
      engine.lineCalls('1001').every((each) => each.id !== id || each.state === 'null'),
    );
    const found = await until('1002 rings', () => call('1002', 'alerting:connected'));
    expect(found.remote?.category).toBe('trunk');
    await until('who calls is known', () => live('1002').some((each) => each.remote?.number === '+12025550143'));
    expect(live('1001')).toEqual([]);
  });

  test('a command while it is down is refused, not lost', async () => {
    await pbx.stop();
    await until('unknown', () => engine.line('1001')?.state === 'unknown');
    expect(await engine.execute({ type: 'makeCall', device: '1001', number: '1002' })).toMatchObject({
      ok: false,
      code: 'command.link-down',
    });
  });
});
