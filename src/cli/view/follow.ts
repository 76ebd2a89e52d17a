import { OffhookError } from '../../domain/error.ts';
import type { WireEvent } from '../../gateway/protocol.ts';
import { BackOff } from '../../streams/back-off.ts';
import { type GatewayAddress, GatewayClient } from '../gateway-client/client.ts';
import type { CliIo } from '../io.ts';
import { aborted, pause } from '../io.ts';

/** What a follower is told. */
export interface Followed {
  readonly onEvent: (event: WireEvent) => void;
  /** The gateway is gone; `undefined`: it is back. */
  readonly onLost: (reason: string | undefined) => void;
  /** Where to go on after a lost connection. */
  readonly cursor: () => string | undefined;
}

/**
 * Follows a gateway's events until `stop`. The first connection must succeed (it rejects otherwise, with the codes of
 * {@link GatewayClient.connect}); a lost one is made again and goes on where it was, for as long as it takes.
 */
export async function follow(
  address: GatewayAddress,
  lines: readonly string[] | undefined,
  io: CliIo,
  stop: AbortSignal,
  followed: Followed,
): Promise<void> {
  const backOff = new BackOff({ initialMs: 250, maxMs: 5_000 });
  for (let first = true; !stop.aborted; first = false) {
    try {
      await followOnce(address, lines, stop, followed, backOff);
      if (stop.aborted) return;
      followed.onLost('The gateway is gone; trying again…');
    } catch (error) {
      if (first || !(error instanceof OffhookError) || !error.retryable) throw error;
      followed.onLost(`${error.message} Trying again…`);
    }
    await pause(io.clock, backOff.next(), stop);
  }
}

async function followOnce(
  address: GatewayAddress,
  lines: readonly string[] | undefined,
  stop: AbortSignal,
  { onEvent, onLost, cursor }: Followed,
  backOff: BackOff,
): Promise<void> {
  using client = await GatewayClient.connect(address);
  client.onEvent = onEvent;
  const after = cursor();
  await client.call('subscribe', {
    ...(lines === undefined ? {} : { lines: [...lines] }),
    ...(after === undefined ? {} : { after }),
  });
  backOff.reset();
  onLost(undefined);
  await Promise.race([client.closed, aborted(stop)]);
}
