import { afterEach, describe, expect, it } from 'vitest';
import { createSipSimulator, type SipSimulator } from '../../../simulators/index.ts';
import { type AccountsOptions, accountsOf } from '../../../src/adapters/sip/accounts.ts';
import type { DialMethod } from '../../../src/adapters/sip/command-run.ts';
import { Lines } from '../../../src/adapters/sip/lines.ts';
import { OwnCalls } from '../../../src/adapters/sip/own-calls.ts';
import type { SipSignal } from '../../../src/adapters/sip/signal.ts';
import { drachtioSession } from '../../../src/adapters/sip/wire.ts';
import { DEMO_OFFICE } from '../../../src/cli/demo/office.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { silentLogger } from '../../../src/domain/logger.ts';
import { until } from '../../support/open-session.ts';

const DIALECTS = ['asterisk', 'freeswitch', 'kamailio'] as const;

let pbx: SipSimulator;
let close: () => void = () => {};
let signals: SipSignal[];
let lines: Lines | undefined;
let ownCalls: OwnCalls | undefined;

afterEach(async () => {
  close();
  await pbx.stop();
});

/** A link to a simulated PBX whose line 1001 has an account; 1002 is watched by dialog-info alone. */
async function open(dialect: (typeof DIALECTS)[number], password = 'secret'): Promise<void> {
  pbx = await createSipSimulator({ ...DEMO_OFFICE, dialect, outside: { autoAnswerMs: 10 } });
  const session = drachtioSession({ port: pbx.port, secret: 'cymru' });
  const options: AccountsOptions = {
    domain: 'pbx.test',
    proxy: 'sip:127.0.50.1:5060',
    accounts: { '1001': { password } },
  };
  signals = [];
  let isSettled = false;
  const tell = (signal: SipSignal): void => void signals.push(signal);
  const subscription = session.open({ clock: systemClock, logger: silentLogger }).subscribe((event) => {
    if (event.type === 'ready') {
      const { hostports } = event;
      lines = new Lines({
        ...{
          link: 'sip-1',
          hostports,
          sender: session,
          clock: systemClock,
          logger: silentLogger,
          random: () => 0,
          tell,
        },
        ...{ registerSeconds: 300, subscribeSeconds: 600, rings: true },
        accounts: accountsOf(options, [{ device: '1001' }, { device: '1002' }], 'cymru'),
      });
      ownCalls = new OwnCalls({
        sender: session,
        dialogs: lines.dialogs,
        clock: systemClock,
        hostports,
        tell,
        calls: (line) => lines!.calls(line),
      });
      void lines.start().then(() => {
        isSettled = true;
      });
    } else if (event.type === 'request') lines?.request(event.request);
    else if (event.type === 'cancel') lines?.cancelled(event.txnId, event.raw);
  });
  close = () => {
    ownCalls?.stop();
    lines?.stop();
    subscription.unsubscribe();
  };
  await until(() => isSettled, 'the lines are known');
}

const told = (type: string, line: string) => signals.filter((signal) => signal.type === type && signal.line === line);
const active = () =>
  signals
    .flatMap((signal) => ('state' in signal && signal.state === 'active' ? [`${signal.type} ${signal.line}`] : []))
    .sort();

describe.each(DIALECTS)('against a simulated %s behind a drachtio-server', (dialect) => {
  it('lines are registered with digest and subscribed to, and each is told as it is', async () => {
    await open(dialect);
    expect(active()).toEqual(['registration 1001', 'subscription 1001', 'subscription 1002']);
    expect(told('notify', '1001').length).toBeGreaterThan(0);
    expect(lines!.blindness).toBeUndefined();
  });

  it('a wrong password is said to be one', async () => {
    await open(dialect, 'wrong');
    expect(active()).not.toContain('registration 1001');
    expect(lines!.blindness).toMatchObject({
      code: expect.stringMatching(/^link\.(registration|subscription)-refused$/),
    });
  });

  it('a call to the line is offered to its second device, and taken back when the telephone answers', async () => {
    await open(dialect);
    pbx.call({ from: '1002', to: '1001' });
    await until(() => told('invite', '1001').length === 1, 'an offer');
    pbx.phone('1001').answer();
    await until(() => told('cancel', '1001').length === 1, 'the offer is taken back');
    const [cancel] = told('cancel', '1001');
    expect(cancel?.type === 'cancel' && cancel.message.header('reason')).toMatch(/cause=200/);
  });

  it.each(['self-invite', 'third-party'] as const)('click-to-dial by %s gets through', async (method: DialMethod) => {
    await open(dialect);
    const [account] = accountsOf(
      { domain: 'pbx.test', proxy: 'sip:127.0.50.1:5060', accounts: { '1001': { password: 'secret' } } },
      [],
      'cymru',
    );
    const steps: string[] = [];
    const onStep = ({ name }: { readonly name: string }): void => void steps.push(name);
    ownCalls!.place({ account: account!, number: '1002', method, ringMs: 20_000, autoAnswer: ['call-info'], onStep });
    await until(
      () => steps.includes('ringing') || steps.includes('answered') || steps.includes('ended'),
      'the own telephone rings',
    );
    if (!steps.includes('answered')) pbx.phone('1001').answer();
    await until(() => steps.includes('progress') || steps.includes('left'), `the number rings (${steps})`);
    if (method === 'self-invite')
      await until(() => pbx.phone('1002').legs.length > 0 || steps.includes('left'), 'rings there');
    expect(told('invite', '1001')).toEqual([]);
    expect(steps.slice(0, 2)).toEqual(['placed', 'ringing']);
  });
});
