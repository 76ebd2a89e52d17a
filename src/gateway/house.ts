import type { OffhookError } from '../domain/error.ts';
import type { Authenticator } from './auth.ts';
import type { FrameSource } from './frames.ts';
import type { Hub } from './hub.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import type { Peers } from './peers.ts';
import type { Services } from './services.ts';

/** What the doors of a gateway, WebSocket and HTTP, share. */
export interface House {
  readonly options: ResolvedOptions;
  readonly authenticator: Authenticator;
  readonly frames: FrameSource;
  readonly hub: Hub;
  readonly metrics: GatewayMetrics;
  readonly peers: Peers;
  readonly services: Services;
  /** Counts and logs a refusal. `from`: the peer's address. */
  refused(error: OffhookError, from?: string): void;
}
