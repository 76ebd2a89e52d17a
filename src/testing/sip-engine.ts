import type { CommandOptions } from '../adapters/sip/index.ts';
import { sipAdapter } from '../adapters/sip/index.ts';
import type { Clock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import { EngineClient } from './engine-client.ts';

/** Where a drachtio-server is, what is behind it, and what an engine watches there. */
export interface SipEngineOptions extends CommandOptions {
  readonly host: string;
  readonly port: number;
  /** The secret of the drachtio-server. */
  readonly secret: string;
  /** The SIP domain. */
  readonly domain: string;
  /** The SIP password of every line. */
  readonly password: string;
  readonly lines: readonly DeviceId[];
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** Our engine with the adapter for SIP, connected to nothing yet: each line has an account, and is watched in both ways. */
export function sipEngine(options: SipEngineOptions): EngineClient {
  const { host, port, secret, domain, password, lines, clock, logger, ...commands } = options;
  const accounts = Object.fromEntries(lines.map((line) => [line, { password }]));
  return new EngineClient({
    // Jitter would make no two runs the same.
    adapter: sipAdapter({
      link: 'sip',
      connect: { host, port, secret, random: () => 0.5 },
      domain,
      accounts,
      ...commands,
    }),
    clock,
    lines,
    request: async () => {
      throw new OffhookError('scenario.invalid', 'A PBX that speaks SIP takes no requests of its own.', {
        field: 'request',
      });
    },
    ...(logger === undefined ? {} : { logger }),
  });
}
