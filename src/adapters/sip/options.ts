import type { ConnectionOptions } from 'node:tls';
import { OffhookError } from '../../domain/error.ts';
import type { BackOffOptions } from '../../streams/back-off.ts';
import type { LinkTap } from '../shared/recording.ts';
import type { SrfModule } from './srf.ts';

/** How to reach a drachtio-server, and the bounds of everything that may take long or grow. Times in milliseconds. */
export interface DrachtioOptions {
  /** Default 127.0.0.1: the server's admin port is for its own machine. */
  readonly host?: string;
  /** Default 9022. */
  readonly port?: number;
  /** True, or options of `tls.connect`: where the admin port speaks TLS. Default false. */
  readonly tls?: boolean | ConnectionOptions;
  /** The secret of drachtio-server. */
  readonly secret: string;
  /** Until the server has accepted the connection. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Until the server has accepted the secret. Default 10,000. */
  readonly authenticateTimeoutMs?: number;
  /** How long a request waits for its final response. Default 32,000: what SIP itself waits (RFC 3261, timers B and F). */
  readonly requestTimeoutMs?: number;
  /** A ping goes out after such a silence, where the server is 0.8.2 or newer. Default 15,000; 0: never. */
  readonly keepAliveMs?: number;
  /** A link that has been silent for so long is dead, where it is pinged. Default `keepAliveMs` + 10,000; 0: never. */
  readonly idleTimeoutMs?: number;
  readonly reconnect?: BackOffOptions;
  /** The wait after a refused secret. Default 60,000. Jittered like the others. */
  readonly refusedRetryMs?: number;
  /** Default 1 MiB. */
  readonly maxFrameBytes?: number;
  /** Requests that wait at one time. Default 20,000; more are rejected with `link.overloaded`. */
  readonly maxPendingRequests?: number;
  readonly tap?: LinkTap;
  /** Loads drachtio-srf. Default: the package of that name. */
  readonly load?: () => Promise<SrfModule>;
  /** Numbers from 0 to below 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

type Optional = 'tls' | 'tap' | 'reconnect' | 'load';

/** Options with every default filled in. */
export type ResolvedDrachtioOptions = Required<Omit<DrachtioOptions, Optional>> & Pick<DrachtioOptions, Optional>;

/** Fills the defaults in. Throws `config.invalid`, which names the option. */
export function resolveOptions(options: DrachtioOptions): ResolvedDrachtioOptions {
  const keepAliveMs = options.keepAliveMs ?? 15_000;
  const resolved: ResolvedDrachtioOptions = {
    host: '127.0.0.1',
    port: 9022,
    connectTimeoutMs: 10_000,
    authenticateTimeoutMs: 10_000,
    requestTimeoutMs: 32_000,
    keepAliveMs,
    idleTimeoutMs: keepAliveMs === 0 ? 0 : keepAliveMs + 10_000,
    refusedRetryMs: 60_000,
    maxFrameBytes: 1024 * 1024,
    maxPendingRequests: 20_000,
    random: Math.random,
    ...options,
  };
  check(resolved);
  return resolved;
}

/** The least that each bounded option may be. */
const LEAST = {
  port: 1,
  connectTimeoutMs: 1,
  authenticateTimeoutMs: 1,
  requestTimeoutMs: 1,
  keepAliveMs: 0,
  idleTimeoutMs: 0,
  refusedRetryMs: 1,
  maxFrameBytes: 1024,
  maxPendingRequests: 1,
} as const satisfies Partial<Record<keyof ResolvedDrachtioOptions, number>>;

function check(options: ResolvedDrachtioOptions): void {
  for (const name of Object.keys(LEAST) as (keyof typeof LEAST)[]) {
    const value = options[name];
    if (!Number.isFinite(value) || value < LEAST[name]) throw invalid(name, `must be at least ${LEAST[name]}`);
  }
  if (options.host === '') throw invalid('host', 'is empty');
  if (/[\r\n\0|]/.test(options.secret)) throw invalid('secret', 'must not contain CR, LF, NUL or |');
}

/** An error that names an option. */
export function invalid(field: string, what: string): OffhookError {
  return new OffhookError('config.invalid', `${field} ${what}`, { field });
}
