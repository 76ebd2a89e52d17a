import { createRequire } from 'node:module';
import type AmiIoModule from 'ami-io';
import AsteriskManager from 'asterisk-manager';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AsteriskSimulator, createAsteriskSimulator } from '../../simulators/index.ts';

/** ami-io starts as a program when it is imported instead of required. */
const AmiIo = createRequire(import.meta.url)('ami-io') as typeof AmiIoModule;

type Fields = Readonly<Record<string, string>>;

let pbx: AsteriskSimulator;

beforeEach(async () => {
  pbx = await createAsteriskSimulator({ outside: { autoAnswerMs: 30 } });
  pbx.phone('1001').habits.autoAnswerMs = 30;
});

afterEach(() => pbx.stop());

const originate = { Channel: 'PJSIP/1001', Context: 'internal', Exten: '00493023125042', Priority: 1, Async: 'true' };

describe('asterisk-manager', () => {
  it('logs in, gets events, originates a call and ends it', async () => {
    const ami = new AsteriskManager(pbx.port, '127.0.0.1', 'offhook', 'secret', true);
    const event = (name: string): Promise<Fields> => new Promise((resolve) => ami.once(name, resolve));
    const booted = event('fullybooted');
    const answered = event('originateresponse');
    const bridged = event('bridgeenter');
    const ended = event('hangup');
    await booted;
    const response = await new Promise<Fields>((resolve, reject) =>
      ami.action({ Action: 'Originate', ...originate }, (error, result) =>
        error ? reject(error) : resolve(result as Fields),
      ),
    );
    expect(response).toMatchObject({ response: 'Success', message: 'Originate successfully queued' });
    expect(await answered).toMatchObject({ response: 'Success', reason: '4' });
    const { channel } = await bridged;
    ami.action({ Action: 'Hangup', Channel: channel });
    expect(await ended).toMatchObject({ cause: '16' });
    await new Promise<void>((resolve) => {
      ami.once('close', () => resolve());
      ami.disconnect();
    });
  });
});

describe('ami-io', () => {
  it('logs in, gets events, originates a call, lists it and ends it', async () => {
    const client = new AmiIo.Client({
      host: '127.0.0.1',
      port: pbx.port,
      login: 'offhook',
      password: 'secret',
      logger: new AmiIo.SilentLogger(),
    });
    const until = (name: string): Promise<Fields> => new Promise((resolve) => client.once(name, resolve));
    const send = (
      name: 'Ping' | 'Originate' | 'Hangup' | 'CoreShowChannels',
      fields: Record<string, unknown> = {},
    ): Promise<Fields & { events?: Fields[] }> =>
      new Promise((resolve, reject) => {
        const action = Object.assign(new AmiIo.Action[name](), fields);
        client.send(action, (error, response) => (error ? reject(error) : resolve(response)));
      });
    client.connect();
    await until('connected');
    expect(await send('Ping')).toMatchObject({ response: 'Success', ping: 'Pong' });
    const seen = new Promise<Fields>((resolve) =>
      client.on('event', (event: Fields) => event.event === 'BridgeEnter' && resolve(event)),
    );
    expect(await send('Originate', originate)).toMatchObject({ response: 'Success' });
    const { channel } = await seen;
    const list = await send('CoreShowChannels');
    expect(list.events?.filter((entry) => entry.event === 'CoreShowChannel')).toHaveLength(2);
    expect(await send('Hangup', { Channel: channel })).toMatchObject({
      response: 'Success',
      message: 'Channel Hungup',
    });
    client.disconnect();
    await vi.waitFor(() => expect(pbx.connections).toBe(0));
  });
});
