import { createRequire } from 'node:module';
import { afterEach, beforeEach, vi } from 'vitest';
import { type AsteriskManagerClient, clientAmiSession } from '../../../src/adapters/asterisk-ami/client-session.ts';
import { sessionContract } from './session-contract.ts';

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
