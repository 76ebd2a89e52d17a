import { nativeAmiSession } from '../../../src/adapters/asterisk-ami/wire.ts';
import { sessionContract } from './session-contract.ts';

sessionContract({
  name: 'our own socket',
  capabilities: {
    tellsVersion: true,
    ownsConnection: true,
    keepsFieldOrder: true,
    keepsText: true,
  },
  make: (port, secret) =>
    nativeAmiSession({
      host: '127.0.0.1',
      port,
      username: 'cti',
      secret,
      actionTimeoutMs: 500,
      keepAliveMs: 1_000,
      idleTimeoutMs: 3_000,
    }),
  retry: (clock) => clock.advance(500),
  dispose() {},
});
