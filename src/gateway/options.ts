import type { Registry } from 'prom-client';
import type { Clock } from '../domain/clock.ts';
import { systemClock } from '../domain/clock.ts';
import type { Contact, Recognition } from '../domain/contact.ts';
import { OffhookError } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import { silentLogger } from '../domain/logger.ts';
import type { Engine } from '../engine/engine.ts';
import type { TokenConfig } from './auth.ts';
import { isLoopback } from './origin.ts';

/** What a gateway is made of. Every bound is per connection unless it says otherwise. */
export interface GatewayOptions {
  readonly engine: Engine;
  /** Default 0: a free port, told by {@link Gateway.port}. */
  readonly port?: number;
  /** Default `127.0.0.1`. Any address that is not loopback needs `tokens`: `config.invalid` otherwise. */
  readonly host?: string;
  /** Who may connect. Empty or absent, on loopback only: everybody on this machine, with all lines and commands. */
  readonly tokens?: readonly TokenConfig[];
  /** Web pages that may connect besides the gateway's own: `https://crm.example.org`, `chrome-extension://...`. */
  readonly allowedOrigins?: readonly string[];
  /** Names in the Host header besides loopback's and `host`; needed behind a proxy that passes its own name on. */
  readonly allowedHosts?: readonly string[];
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
  /** The longest WebSocket frame and HTTP body that is read. Default 65,536 bytes. */
  readonly maxFrameBytes?: number;
  /** Bytes that may wait for a slow subscriber before its deltas are dropped for a later snapshot. Default 1 MiB. */
  readonly maxBufferedBytes?: number;
  /** WebSockets and event streams together, in the whole gateway. Default 1,000. */
  readonly maxConnections?: number;
  /** Requests per second, with bursts of twice as many. Over HTTP per token. Default 50. */
  readonly maxRequestsPerSecond?: number;
  /** How often a peer must show that it lives. Default 30,000 ms; a dead one is gone after two of them. */
  readonly heartbeatMs?: number;
  /** Who has this number? Absent: `lookup` answers `command.unsupported`. */
  readonly lookup?: (number: string) => Recognition | Promise<Recognition>;
  /** Contacts by a piece of text. Absent: `search` answers `command.unsupported`. */
  readonly search?: (text: string) => readonly Contact[] | Promise<readonly Contact[]>;
  /** Where the metrics go. Default: a registry of the gateway's own. */
  readonly registry?: Registry;
}

/** {@link GatewayOptions} with every default in place. */
export type ResolvedOptions = GatewayOptions & {
  readonly [K in
    | 'port'
    | 'host'
    | 'tokens'
    | 'allowedOrigins'
    | 'allowedHosts'
    | 'clock'
    | 'logger'
    | 'maxFrameBytes'
    | 'maxBufferedBytes'
    | 'maxConnections'
    | 'maxRequestsPerSecond'
    | 'heartbeatMs']-?: NonNullable<GatewayOptions[K]>;
};

/** Fills the defaults in and refuses what is unsafe or out of bounds with `config.invalid`, naming the option. */
export function resolveOptions(options: GatewayOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    ...options,
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    tokens: options.tokens ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    allowedHosts: options.allowedHosts ?? [],
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    maxFrameBytes: bounded('maxFrameBytes', options.maxFrameBytes ?? 65_536, 256, 16_777_216),
    maxBufferedBytes: bounded('maxBufferedBytes', options.maxBufferedBytes ?? 1_048_576, 1, 1_073_741_824),
    maxConnections: bounded('maxConnections', options.maxConnections ?? 1_000, 1, 1_000_000),
    maxRequestsPerSecond: bounded('maxRequestsPerSecond', options.maxRequestsPerSecond ?? 50, 1, 1_000_000),
    heartbeatMs: bounded('heartbeatMs', options.heartbeatMs ?? 30_000, 100, 3_600_000),
  };
  if (!isLoopback(resolved.host) && resolved.tokens.length === 0) {
    throw new OffhookError('config.invalid', `refusing to listen on ${resolved.host} without tokens`, {
      field: 'tokens',
      remedy: 'Give at least one token, or listen on 127.0.0.1.',
    });
  }
  return resolved;
}

function bounded(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new OffhookError('config.invalid', `${field} must be a whole number from ${min} to ${max}, not ${value}`, {
    field,
  });
}
