import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AsteriskManagerClient, clientAmiSession } from '../../../src/adapters/asterisk-ami/client-session.ts';
import { until } from '../../support/open-session.ts';
import { event, ScriptedManager } from './scripted-manager.ts';
import { OpenSession, sessionContract } from './session-contract.ts';

interface OutsideClient extends AsteriskManagerClient {
  keepConnected(): void;
  disconnect(): void;
}

const AsteriskManager = createRequire(import.meta.url)('asterisk-manager') as new (
  port: number,
  host: string,
  user: string,
  secret: string,
  events: boolean,
) => OutsideClient;

const clients: OutsideClient[] = [];

beforeEach(() => {
  // It reconnects after 10 s by setTimeout, and says so on the console.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

sessionContract({
  name: "a program's own asterisk-manager 0.2.0",
  capabilities: {
    tellsVersion: false,
    ownsConnection: false,
    keepsFieldOrder: false,
    keepsText: false,
  },
  make(port, secret) {
    const client = new AsteriskManager(port, '127.0.0.1', 'cti', secret, true);
    client.keepConnected();
    clients.push(client);
    return clientAmiSession(client, { actionTimeoutMs: 500, keepAliveMs: 1_000, idleTimeoutMs: 3_000 });
  },
  retry() {
    vi.advanceTimersByTime(10_000);
  },
  dispose() {
    for (const client of clients.splice(0)) client.disconnect();
  },
});

describe('beyond the contract', () => {
  test('the answer of an old switch to Command goes to its own action, not to the one that came last', async () => {
    const manager = new ScriptedManager();
    await manager.listen();
    const client = new AsteriskManager(manager.port, '127.0.0.1', 'cti', 'right-secret', true);
    const open = new OpenSession(clientAmiSession(client));
    await open.reached('ready');
    manager.on('Command', () => '');
    manager.on('Getvar', (action) => {
      const { id } = manager.named('Command')[0]!;
      const follows = `Response: Follows\r\nPrivilege: Command\r\nActionID: ${id}\r\none\ntwo\n--END COMMAND--\r\n\r\n`;
      return `${follows}Response: Success\r\nActionID: ${action.id}\r\nValue: v\r\n\r\n`;
    });
    const command = open.session.send('Command', { Command: 'core show uptime' });
    await until(() => manager.named('Command').length === 1);
    expect((await open.session.send('Getvar')).response.get('Value')).toBe('v');
    expect((await command).response.all('Output')).toEqual(expect.arrayContaining(['one', 'two']));
    open.close();
    client.disconnect();
    await manager.close();
  });

  test('a client that its program connects later', async () => {
    const manager = new ScriptedManager();
    await manager.listen();
    const late = new AsteriskManager(0, '', 'cti', 'right-secret', true) as OutsideClient & {
      options: { port: number };
      connect(port: number, host: string, callback: () => void): void;
      login(): void;
    };
    const open = new OpenSession(clientAmiSession(late));
    expect(open.types).toEqual(['connecting']);
    late.connect(manager.port, '127.0.0.1', () => late.login());
    await open.reached('ready');
    manager.say(event('Newchannel'));
    await open.saw('Newchannel');
    open.close();
    expect(open.clock.pendingTimers).toBe(0);
    late.disconnect();
    await manager.close();
  });

  test('a client that cannot reach the switch', async () => {
    const manager = new ScriptedManager();
    await manager.listen();
    await manager.close();
    const client = new AsteriskManager(manager.port, '127.0.0.1', 'cti', 'x', true);
    const open = new OpenSession(clientAmiSession(client));
    await open.reached('waiting');
    expect(open.last('waiting')).toMatchObject({ code: 'link.unreachable' });
    expect(open.last('waiting')?.reason).toContain('ECONNREFUSED');
    open.close();
  });

  test('our listeners are gone after unsubscribing', async () => {
    const manager = new ScriptedManager();
    await manager.listen();
    const client = new AsteriskManager(manager.port, '127.0.0.1', 'cti', 'right-secret', true) as OutsideClient & {
      listeners(name: string): unknown[];
    };
    const count = (): number[] =>
      ['rawevent', 'connect', 'close', 'disconnect', 'error'].map((name) => client.listeners(name).length);
    const before = count();
    const open = new OpenSession(clientAmiSession(client));
    await open.reached('ready');
    open.close();
    expect(count()).toEqual(before);
    client.disconnect();
    await manager.close();
  });

  test('a client that throws is a lost link', async () => {
    const listeners = new Map<string, (...values: unknown[]) => void>();
    let fails = false;
    const client: AsteriskManagerClient = {
      on: (name, listener) => listeners.set(name, listener),
      removeListener: (name) => listeners.delete(name),
      isConnected: () => true,
      action: (action) => {
        if (fails) throw new Error('no connection');
        listeners.get('rawevent')?.({ response: 'Success', actionid: action.actionid });
      },
    };
    const open = new OpenSession(clientAmiSession(client));
    expect(open.types).toEqual(['connecting', 'authenticating', 'ready']);
    fails = true;
    await expect(open.session.send('Ping')).rejects.toMatchObject({ code: 'link.lost' });
    open.close();
    expect(listeners.size).toBe(0);
    expect(open.clock.pendingTimers).toBe(0);
  });
});
