import { createRequire } from 'node:module';
import { clientEslSession, type EslClient } from '../../../src/adapters/freeswitch-esl/client-session.ts';
import { nativeEslSession } from '../../../src/adapters/freeswitch-esl/wire.ts';
import { sessionContract } from './session-contract.ts';

const { Connection } = createRequire(import.meta.url)('modesl') as {
  Connection: new (host: string, port: number, password: string) => EslClient;
};

const BOUNDS = { commandTimeoutMs: 500, keepAliveMs: 1_000, idleTimeoutMs: 3_000 };
const clients: EslClient[] = [];

const connect = (port: number, secret: string): EslClient => {
  const client = new Connection('127.0.0.1', port, secret);
  client.on('error', () => {});
  clients.push(client);
  return client;
};

const dispose = (): void => {
  for (const client of clients.splice(0)) if (client.socket !== null) client.disconnect();
};

for (const format of ['json', 'plain'] as const) {
  sessionContract({
    name: `our own socket, events as ${format}`,
    ownsConnection: true,
    reconnects: true,
    make: (port, secret) => nativeEslSession({ host: '127.0.0.1', port, secret, format, ...BOUNDS }),
    dispose,
  });
}

sessionContract({
  name: "a program's own modesl connection",
  ownsConnection: false,
  reconnects: false,
  make: (port, secret) => clientEslSession(connect(port, secret), BOUNDS),
  dispose,
});

sessionContract({
  name: 'a function that makes modesl connections',
  ownsConnection: true,
  reconnects: true,
  make: (port, secret) => clientEslSession(() => connect(port, secret), BOUNDS),
  dispose,
});
