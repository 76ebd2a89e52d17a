import { createRequire } from 'node:module';
import { FreeSwitchClient, type FreeSwitchResponse } from 'esl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFreeswitchSimulator, type FreeswitchSimulator } from '../../../simulators/index.ts';

interface Event {
  getHeader(name: string): string;
  getBody(): string;
}

/** What is used of modesl, which has no types. */
interface Connection {
  on(event: string, listener: (event: Event) => void): void;
  once(event: string, listener: () => void): void;
  events(format: string, names: string, done: () => void): void;
  bgapi(command: string, args: string, done: (event: Event) => void): void;
  api(command: string, args: string, done: (response: Event) => void): void;
  disconnect(): void;
}

const { Connection: ModeslConnection } = createRequire(import.meta.url)('modesl') as {
  readonly Connection: new (host: string, port: number, password: string, ready: () => void) => Connection;
};

let pbx: FreeswitchSimulator;

beforeEach(async () => {
  pbx = await createFreeswitchSimulator({ outside: { autoAnswerMs: 30 } });
  pbx.phone('1001').habits.autoAnswerMs = 30;
});

afterEach(() => pbx.stop());

const ID = '11111111-2222-4333-8444-555555555555';
const ORIGINATE = `{origination_uuid=${ID},origination_caller_id_name='Click to dial'}user/1001@pbx.test 00493023125042 XML default`;

describe('modesl', () => {
  it.each(['json', 'plain'])('signs in, listens (%s), places a call and ends it', async (format) => {
    const connection = await new Promise<Connection>((resolve) => {
      const made = new ModeslConnection('127.0.0.1', pbx.port, 'ClueCon', () => resolve(made));
    });
    const told: string[] = [];
    const wait = (name: string): Promise<Event> =>
      new Promise((resolve) => connection.on(`esl::event::${name}::*`, resolve));
    await new Promise<void>((resolve) => connection.events(format, 'all', resolve));
    connection.on('esl::event::**', (event) => told.push(event.getHeader('Event-Name')));
    const [bridged, destroyed] = [wait('CHANNEL_BRIDGE'), wait('CHANNEL_DESTROY')];
    const job = new Promise<Event>((resolve) => connection.bgapi('originate', ORIGINATE, resolve));
    expect((await job).getBody()).toBe(`+OK ${ID}\n`);
    expect((await bridged).getHeader('Bridge-A-Unique-ID')).toBe(ID);
    const answer = await new Promise<Event>((resolve) => connection.api('uuid_kill', ID, resolve));
    expect(answer.getBody()).toBe('+OK\n');
    expect((await destroyed).getHeader('Hangup-Cause')).toBe('NORMAL_CLEARING');
    const closed = new Promise<void>((resolve) => connection.once('esl::end', resolve));
    connection.disconnect();
    await closed;
  });
});

describe('esl', () => {
  it('signs in, listens, places a call and ends it', async () => {
    const silent = { debug: () => {}, info: () => {}, error: () => {} };
    const client = new FreeSwitchClient({ host: '127.0.0.1', port: pbx.port, password: 'ClueCon', logger: silent });
    const connected = new Promise<FreeSwitchResponse>((resolve) => client.once('connect', resolve));
    client.connect();
    const call = await connected;
    await call.event_json('CHANNEL_BRIDGE', 'CHANNEL_DESTROY', 'BACKGROUND_JOB');
    const bridged = new Promise<unknown>((resolve) => call.on('CHANNEL_BRIDGE', ({ body }) => resolve(body)));
    const job = await call.bgapi(`originate ${ORIGINATE}`, 5_000);
    expect(JSON.stringify(job.body)).toContain(`+OK ${ID}`);
    expect(await bridged).toMatchObject({ 'Bridge-A-Unique-ID': ID });
    const killed = await call.api(`uuid_kill ${ID}`, 5_000);
    expect(killed.uuid ?? killed.body).toBeDefined();
    client.end();
  });
});
