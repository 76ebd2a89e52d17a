import type { CommandOptions } from '../adapters/freeswitch-esl/index.ts';
import { freeswitchEsl, nativeEslSession } from '../adapters/freeswitch-esl/index.ts';
import type { Clock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/device.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import { EngineClient } from './engine-client.ts';

/** Where a FreeSWITCH is, and what an engine watches there. */
export interface FreeswitchEngineOptions extends Pick<CommandOptions, 'remoteControl' | 'parkingLot'> {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly lines: readonly DeviceId[];
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** Our engine with the adapter for FreeSWITCH, connected to nothing yet. */
export function freeswitchEngine(options: FreeswitchEngineOptions): EngineClient {
  const { host, port, secret, lines, clock, logger, ...commands } = options;
  // Jitter would make no two runs the same.
  const session = nativeEslSession({ host, port, secret, random: () => 0.5 });
  return new EngineClient({
    adapter: freeswitchEsl({ link: 'freeswitch', session, ...commands }),
    clock,
    lines,
    request: async (request) => {
      if (typeof request !== 'string')
        throw new OffhookError('scenario.invalid', 'The engine sends api commands as a text, such as "uuid_kill ID".', {
          field: 'request',
        });
      const [command = '', ...args] = request.split(' ');
      const { text } = await session.api(command, args.join(' '));
      return text.trim().split(/\s/)[0] ?? '';
    },
    ...(logger === undefined ? {} : { logger }),
  });
}
