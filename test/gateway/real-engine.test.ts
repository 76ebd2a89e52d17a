import { Observable, type Subscriber } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Adapter } from '../../src/adapters/port.ts';
import type { Capabilities } from '../../src/domain/command.ts';
import { COMMAND_TYPES } from '../../src/domain/command.ts';
import type { AdapterEvent, CallEvent, ConnectionChange } from '../../src/domain/event.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import type { WireCallEvent } from '../../src/gateway/protocol.ts';
import { party } from './fake-engine.ts';
import { Client, http, open } from './support.ts';

const capabilities = Object.fromEntries(COMMAND_TYPES.map((type) => [type, { support: 'yes' }])) as Capabilities;

/** A real engine behind a gateway, and a PBX that says what the test tells it to. */
async function set() {
  let pbx: Subscriber<AdapterEvent> | undefined;
  const adapter: Adapter = {
    kind: 'told',
    link: 'pbx',
    capabilities,
    run: () =>
      new Observable((subscriber) => {
        pbx = subscriber;
      }),
    execute: async () => ({ ok: false, code: 'command.refused', message: 'no' }),
  };
  const lines = ['1001', '1002', '1003'].map((device) => ({ device }));
  const engine = createEngine({
    adapters: [adapter],
    lines,
    recognition: { recognise: async () => ({ status: 'unknown' }) },
  });
  onTestFinished(() => engine.stop());
  const gateway = await open({ engine });
  const say = (event: AdapterEvent) => pbx?.next(event);
  say({ type: 'link', link: 'pbx', state: 'connecting', time: 0 });
  say({ type: 'link', link: 'pbx', state: 'up', time: 0, peer: 'Told 1' });
  const tell = (type: CallEvent['type'], callId: string, connections: ConnectionChange[], more = {}) =>
    say({ type, link: 'pbx', callId, time: 1, connections, ...more });
  return { engine, gateway, say, tell };
}

function part(callId: string, device: string, state: ConnectionChange['state'] & string): ConnectionChange {
  const direction = device === '0123' ? 'out' : 'in';
  return { id: `${callId}:${device}`, device, state, direction, party: party(device) };
}

async function follower(gateway: Awaited<ReturnType<typeof open>>, lines?: string[]) {
  const client = await Client.connect(gateway);
  await client.call('subscribe', lines === undefined ? {} : { lines });
  await client.until(() => client.events.length > 0);
  return client;
}

describe('with the real engine', () => {
  it('a call is told from ringing to its end, recognised on the way, and every frame is as documented', async () => {
    const { engine, gateway, tell } = await set();
    const client = await follower(gateway, ['1001']);
    tell('originated', 'a', [part('a', '0123', 'connected')]);
    tell('delivered', 'a', [part('a', '1001', 'alerting')]);
    tell('established', 'a', [{ id: 'a:1001', device: '1001', state: 'connected' }]);
    await client.until(() => client.state.lines.get('1001')?.state === 'connected');
    expect(client.state.calls.get('a')).toEqual(JSON.parse(JSON.stringify(engine.call('a'))));
    const line = (await http(gateway, 'GET', '/v1/lines/1001')).json;
    expect(line.calls).toMatchObject([{ callId: 'a', state: 'connected', remote: { number: '0123' } }]);
    tell('connectionCleared', 'a', [{ id: 'a:1001', device: '1001', state: 'null' }], { cause: 'normalClearing' });
    tell('connectionCleared', 'a', [{ id: 'a:0123', device: '0123', state: 'null' }], { cause: 'normalClearing' });
    tell('callCleared', 'a', [], { cause: 'normalClearing' });
    await client.until(() => client.state.calls.size === 0 && client.state.lines.get('1001')?.state === 'idle');
    const types = client.events
      .filter(({ subject }) => subject === 'a')
      .map((event) => (event as WireCallEvent).data.event);
    expect(types).toEqual(expect.arrayContaining(['delivered', 'established', 'connectionCleared', 'callCleared']));
    expect(types[0]).toBe('delivered');
  });

  it('a transfer leaves none of its two calls behind at the party that was consulted', async () => {
    const { gateway, tell } = await set();
    const consulted = await follower(gateway, ['1002']);
    tell('originated', 'a', [part('a', '0123', 'connected')]);
    tell('delivered', 'a', [part('a', '1001', 'alerting')]);
    tell('established', 'a', [{ id: 'a:1001', device: '1001', state: 'connected' }]);
    tell('held', 'a', [{ id: 'a:1001', device: '1001', state: 'hold' }]);
    tell('originated', 'b', [part('b', '1001', 'connected')]);
    tell('delivered', 'b', [part('b', '1002', 'alerting')]);
    tell('established', 'b', [{ id: 'b:1002', device: '1002', state: 'connected' }]);
    await consulted.until(() => consulted.state.calls.get('b')?.state === 'connected');
    expect([...consulted.state.calls.keys()]).toEqual(['b']);
    tell('transferred', 'a', [{ id: 'a:1001', device: '1001', state: 'null' }], { absorbs: 'b', cause: 'transfer' });
    await consulted.until(() => consulted.state.calls.has('a') && !consulted.state.calls.has('b'));
    expect(consulted.events.at(-1)?.type).not.toBe('org.offhook.snapshot');
  });

  it('a lost link is told with its lines, and a later reader sees the same', async () => {
    const { gateway, say } = await set();
    const early = await follower(gateway);
    say({ type: 'link', link: 'pbx', state: 'waiting', time: 2, code: 'link.lost', reason: 'gone', retryInMs: 1000 });
    await early.until(() => early.state.lines.get('1003')?.state === 'unknown');
    const late = await follower(gateway);
    expect(late.state.lines).toEqual(early.state.lines);
    expect(late.state.links).toEqual(early.state.links);
    expect(late.state.links.get('pbx')).toMatchObject({ state: 'waiting', code: 'link.lost', retryInMs: 1000 });
  });
});
