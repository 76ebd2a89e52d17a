import { ADAPTER_UNWANTED, asteriskAmi, nativeAmiSession } from '../adapters/asterisk-ami/index.ts';
import type { Clock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/device.ts';
import type { Logger } from '../domain/logger.ts';
import { NewestChannels } from './asterisk-requests.ts';
import { EngineClient } from './engine-client.ts';

/** Where an Asterisk is, and what an engine watches there. */
export interface AsteriskEngineOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly secret: string;
  readonly lines: readonly DeviceId[];
  /** Telephones that answer and hold when the switch tells them to. @default none */
  readonly remoteControl?: readonly DeviceId[];
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** Our engine with the adapter for Asterisk, connected to nothing yet. */
export function asteriskEngine(options: AsteriskEngineOptions): EngineClient {
  const { lines, clock, logger, remoteControl = [], ...reach } = options;
  // Jitter would make no two runs the same.
  const session = nativeAmiSession({ ...reach, unwanted: ADAPTER_UNWANTED, random: () => 0.5 });
  const channels = new NewestChannels(session);
  return new EngineClient({
    adapter: asteriskAmi({ link: 'asterisk', session: channels, remoteControl }),
    clock,
    lines,
    request: (request) => channels.request(request),
    ...(logger === undefined ? {} : { logger }),
  });
}
