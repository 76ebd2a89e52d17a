import type { Adapter } from '../adapters/port.ts';
import type { Clock } from '../domain/clock.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import { createEngine } from '../engine/create-engine.ts';
import type { Engine, LineConfig } from '../engine/engine.ts';
import type { GatewayOptions } from '../gateway/options.ts';
import { createGateway, type Gateway } from '../gateway/server.ts';
import {
  createRecogniser,
  type LocalIndex,
  type NumberingPlan,
  type PartyRecogniser,
  type RecognitionPort,
} from '../recognition/index.ts';

/** What a running system is made of. */
export interface SystemParts {
  readonly adapters: readonly Adapter[];
  readonly lines: readonly LineConfig[];
  /** Absent: nobody is recognised. */
  readonly plan?: NumberingPlan;
  readonly index?: LocalIndex;
  /** Asked where the index does not know. */
  readonly directory?: RecognitionPort;
  readonly gateway: Pick<GatewayOptions, 'port' | 'host' | 'tokens' | 'allowedOrigins' | 'allowedHosts'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An engine with a gateway before it. */
export interface System extends AsyncDisposable {
  readonly engine: Engine;
  readonly gateway: Gateway;
}

/** Starts engine and gateway. Throws what they throw; then nothing runs. */
export async function startSystem(parts: SystemParts): Promise<System> {
  const { adapters, lines, clock, logger, index } = parts;
  const recogniser = recogniserOf(parts);
  const engine = createEngine({
    adapters,
    lines,
    clock,
    logger,
    ...(recogniser === undefined ? {} : { recognition: recogniser }),
  });
  try {
    const gateway = await createGateway({
      engine,
      clock,
      logger,
      ...parts.gateway,
      ...(recogniser === undefined ? {} : { lookup: (number) => recogniser.lookup(number) }),
      ...(index === undefined ? {} : { search: (text) => index.search(text) }),
    });
    return { engine, gateway, [Symbol.asyncDispose]: () => stop(engine, gateway) };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

function recogniserOf({ plan, index, directory, clock }: SystemParts): PartyRecogniser | undefined {
  if (plan === undefined || (index === undefined && directory === undefined)) return undefined;
  return createRecogniser({
    plan,
    clock,
    index: index ?? { lookup: () => [] },
    ...(directory === undefined ? {} : { fallback: directory }),
  });
}

async function stop(engine: Engine, gateway: Gateway): Promise<void> {
  await gateway.close();
  await engine.stop();
}

/** The same on the port that was asked for, or on a free one when that is taken. */
export async function startSystemNear(parts: SystemParts): Promise<System> {
  try {
    return await startSystem(parts);
  } catch (error) {
    if (!(error instanceof OffhookError) || error.code !== 'cli.port-in-use') throw error;
    return startSystem({ ...parts, gateway: { ...parts.gateway, port: 0 } });
  }
}
