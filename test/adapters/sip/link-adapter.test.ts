import type { Subscription } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { createSipSimulator, type SipSimulator } from '../../../simulators/index.ts';
import type { Adapter } from '../../../src/adapters/port.ts';
import { type SipOptions, sipAdapter } from '../../../src/adapters/sip/index.ts';
import { DEMO_OFFICE } from '../../../src/cli/demo/office.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import type { OffhookError } from '../../../src/domain/error.ts';
import type { AdapterEvent, LinkEvent } from '../../../src/domain/event.ts';
import { silentLogger } from '../../../src/domain/logger.ts';
import { until } from '../../support/open-session.ts';

const DIALECTS = ['asterisk', 'freeswitch', 'kamailio'] as const;

let pbx: SipSimulator | undefined;
let subscription: Subscription | undefined;
let adapter: Adapter;
let events: AdapterEvent[];

afterEach(async () => {
  subscription?.unsubscribe();
  await pbx?.stop();
  pbx = undefined;
});

const OPTIONS: SipOptions = {
  connect: { secret: 'cymru', random: () => 0 },
  domain: 'pbx.test',
  proxy: 'sip:127.0.50.1:5060',
  accounts: { '1001': { password: 'secret' } },
};

async function open(dialect: (typeof DIALECTS)[number], more: Partial<SipOptions> = {}): Promise<void> {
  pbx = await createSipSimulator({ ...DEMO_OFFICE, dialect });
  adapter = sipAdapter({ ...OPTIONS, ...more, connect: { ...OPTIONS.connect, port: pbx.port } });
  events = [];
  const lines = [{ device: '1001' }, { device: '1002' }];
  const context = { link: 'sip-1', lines, clock: systemClock, logger: silentLogger };
  subscription = adapter.run(context).subscribe((event) => void events.push(event));
  await until(() => states().at(-1) === 'up', 'the link is up');
}

const links = () => events.filter((event): event is LinkEvent => event.type === 'link');
const states = () => links().map(({ state }) => state);
/** The states of a device's connections, in their order. */
const statesOf = (device: string) =>
  events.flatMap((event) =>
    'connections' in event
      ? event.connections.flatMap((each) => (each.device === device && each.state !== undefined ? [each.state] : []))
      : [],
  );

describe.each(DIALECTS)('a SIP link to a simulated %s', (dialect) => {
  it('comes up by all states, and says what answered', async () => {
    await open(dialect);
    expect(states()).toEqual(['connecting', 'authenticating', 'resynchronising', 'up']);
    expect(links().at(-1)).toMatchObject({ peer: expect.stringMatching(/^drachtio-server v\d/) });
    expect(links().at(-1)!.code).toBeUndefined();
  });

  it('tells a call that is offered, answered and ended', async () => {
    await open(dialect);
    pbx!.call({ from: '+441632960042', to: '1001', fromOutside: true });
    await until(() => statesOf('1001').includes('alerting'), 'it rings');
    pbx!.phone('1001').answer();
    await until(() => statesOf('1001').includes('connected'), 'it is answered');
    pbx!.phone('1001').hangup();
    await until(() => statesOf('1001').includes('null'), 'it is ended');
    expect(statesOf('1001')).toEqual(['alerting', 'connected', 'null']);
  });

  it.each(['self-invite', 'third-party'] as const)('dials for its user: %s', async (dialBy) => {
    await open(dialect, { dialBy });
    const dialled = adapter.execute({ type: 'makeCall', device: '1001', number: '1003' });
    await until(() => pbx!.phone('1001').isRinging, 'the own telephone rings');
    pbx!.phone('1001').answer();
    expect(await dialled).toMatchObject({ ok: true });
    await until(() => pbx!.phone('1003').isRinging, 'the number rings');
    expect(statesOf('1001')).not.toContain('alerting');
  });

  it('comes up again after a link that was lost, and says so first', async () => {
    await open(dialect);
    pbx!.call({ from: '+441632960042', to: '1001', fromOutside: true });
    await until(() => statesOf('1001').includes('alerting'), 'it rings');
    const before = events.length;
    pbx!.dropConnections();
    await until(() => states().filter((state) => state === 'up').length === 2, 'up again');
    expect(events[before]).toMatchObject({ type: 'link', state: 'waiting', code: 'link.lost' });
  });

  it('that is left has no connection any more, and carries no command out', async () => {
    await open(dialect);
    subscription!.unsubscribe();
    expect(await adapter.execute({ type: 'makeCall', device: '1001', number: '1002' })).toMatchObject({
      code: 'command.link-down',
    });
  });
});

describe('a SIP link', () => {
  it('whose PBX refuses the account says so where it comes up', async () => {
    await open('asterisk', { accounts: { '1001': { password: 'wrong' } } });
    expect(links().at(-1)).toMatchObject({
      state: 'up',
      code: expect.stringMatching(/-refused$/),
      reason: expect.stringContaining('1001'),
    });
  });

  it('watches the other lines where one has no name that could be called', async () => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE });
    const said: string[] = [];
    const logger = { ...silentLogger, error: (fields: object) => void said.push(JSON.stringify(fields)) };
    adapter = sipAdapter({ ...OPTIONS, connect: { ...OPTIONS.connect, port: pbx.port } });
    events = [];
    const lines = [{ device: '1001' }, { device: '1002', endpoint: 'PJSIP/1002\r\nEvil: 1' }];
    subscription = adapter
      .run({ link: 'l', lines, clock: systemClock, logger })
      .subscribe((event) => void events.push(event));
    await until(() => states().at(-1) === 'up');
    expect(said).toEqual([expect.stringContaining('"line":"1002"')]);
  });

  it('with a wrong secret is refused', async () => {
    pbx = await createSipSimulator({ ...DEMO_OFFICE });
    adapter = sipAdapter({ ...OPTIONS, connect: { port: pbx.port, secret: 'wrong' } });
    events = [];
    subscription = adapter
      .run({ link: 'l', lines: [], clock: systemClock, logger: silentLogger })
      .subscribe((event) => void events.push(event));
    await until(() => states().includes('refused'));
    expect(links().at(-1)).toMatchObject({ code: 'link.auth-refused' });
  });

  it.each([
    ['domain', { domain: 'pbx.test\r\nEvil: 1' }],
    ['proxy', { proxy: 'sip:user@pbx.test' }],
    ['proxy', { proxy: 'sip:pbx.test>' }],
    ['accounts', { accounts: {} }],
    ['accounts.1001.user', { accounts: { '1001': { password: 'x', user: '1001>;x=' } } }],
    ['accounts.1001.password', { accounts: { '1001': { password: 'a\r\nb' } } }],
    ['accounts.1001.username', { accounts: { '1001': { password: 'x', username: 'a",b="' } } }],
    ['subscriber', { subscriber: '1009' }],
    ['registerSeconds', { registerSeconds: 1 }],
    ['subscribeSeconds', { subscribeSeconds: Number.NaN }],
    ['secret', { connect: { secret: 'a|b' } }],
    ['port', { connect: { secret: 'x', port: 0 } }],
  ] as const)('does not take a wrong %s', (field, more) => {
    const refused = (): OffhookError | undefined => {
      try {
        sipAdapter({ ...OPTIONS, ...(more as Partial<SipOptions>) });
        return undefined;
      } catch (error) {
        return error as OffhookError;
      }
    };
    expect(refused()).toMatchObject({ code: 'config.invalid', field });
  });
});
