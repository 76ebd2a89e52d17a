import type { ConnectionOptions } from 'node:tls';
import { OffhookError } from '../../domain/error.ts';
import type { BackOffOptions } from '../../streams/back-off.ts';
import type { LinkTap } from '../shared/recording.ts';
import { UNWANTED_EVENTS } from './framing.ts';
import { REGISTRATION_SUBCLASSES } from './registrations.ts';
import { TRANSLATED_EVENTS, TRANSLATED_SUBCLASSES } from './translate.ts';

/** How to reach an event socket, and the bounds of everything that may take long or grow. Times in milliseconds. */
export interface NativeEslOptions {
  readonly host: string;
  /** Default 8021. */
  readonly port?: number;
  /**
   * True, or options of `tls.connect`: for a tunnel (stunnel, HAProxy) before the event socket, which itself speaks no TLS.
   * Default false.
   */
  readonly tls?: boolean | ConnectionOptions;
  /** The password of event_socket.conf; with `user`, the user's own (`esl-password`). */
  readonly secret: string;
  /** `1001@example.org`: log in as a user of the directory (`userauth`), who may be restricted to some events and commands. */
  readonly user?: string;
  /** How the switch writes events. Default `json`, which alone is exact; see docs/adr/0012. */
  readonly format?: 'json' | 'plain';
  /** Names of events to subscribe to; `ALL`. Default {@link SUBSCRIBED_EVENTS}. */
  readonly events?: readonly string[];
  /** Subclasses of `CUSTOM` events. Default {@link ADAPTER_SUBCLASSES}. */
  readonly subclasses?: readonly string[];
  /** Events that are dropped unread. Default {@link UNWANTED_EVENTS}. */
  readonly unwanted?: ReadonlySet<string>;
  /** Until the switch has asked for the login. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long a command waits for its answer. Default 10,000. */
  readonly commandTimeoutMs?: number;
  /** A probe goes out after such a silence; a switch that is idle sends a HEARTBEAT every 20 s. Default 25,000; 0: never. */
  readonly keepAliveMs?: number;
  /** A link that has been silent for so long is dead. Default `keepAliveMs` + 10,000; 0: never. */
  readonly idleTimeoutMs?: number;
  /**
   * Where heartbeats came before: how long none may come until the link counts as one that delivers no events, although
   * commands are answered. Default 70,000; 0: never.
   */
  readonly heartbeatTimeoutMs?: number;
  /**
   * How far the events may fall behind while the socket has more to read than is read at once. Who does not keep up holds
   * up the switch for everybody, so the link is dropped then and the state asked for anew. Default 10,000; 0: never.
   */
  readonly maxLagMs?: number;
  readonly reconnect?: BackOffOptions;
  /** The wait after a refused login. Default 60,000. Jittered like the others. */
  readonly refusedRetryMs?: number;
  /** Default 32 MiB: a list of some 30,000 channels. */
  readonly maxFrameBytes?: number;
  /** Default 1,000; more are rejected with `link.overloaded`. */
  readonly maxPendingCommands?: number;
  readonly tap?: LinkTap;
  /** Numbers from 0 to below 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** The subclasses of custom events that the adapter reads. */
export const ADAPTER_SUBCLASSES: readonly string[] = [...TRANSLATED_SUBCLASSES, ...REGISTRATION_SUBCLASSES];

/** What the session itself reads, besides what is translated. */
const OWN_EVENTS: readonly string[] = ['BACKGROUND_JOB', 'HEARTBEAT', 'SHUTDOWN'];

/** The events that are subscribed to. */
export const SUBSCRIBED_EVENTS: readonly string[] = [...TRANSLATED_EVENTS, ...OWN_EVENTS];

type Optional = 'tls' | 'tap' | 'reconnect' | 'user';

/** Options with every default filled in. */
export type ResolvedEslOptions = Required<Omit<NativeEslOptions, Optional>> & Pick<NativeEslOptions, Optional>;

/** Fills the defaults in. Throws `config.invalid`, which names the option. */
export function resolveOptions(options: NativeEslOptions): ResolvedEslOptions {
  const keepAliveMs = options.keepAliveMs ?? 25_000;
  const resolved: ResolvedEslOptions = {
    port: 8021,
    format: 'json',
    events: SUBSCRIBED_EVENTS,
    subclasses: ADAPTER_SUBCLASSES,
    unwanted: UNWANTED_EVENTS,
    connectTimeoutMs: 10_000,
    commandTimeoutMs: 10_000,
    keepAliveMs,
    idleTimeoutMs: keepAliveMs === 0 ? 0 : keepAliveMs + 10_000,
    heartbeatTimeoutMs: 70_000,
    maxLagMs: 10_000,
    refusedRetryMs: 60_000,
    maxFrameBytes: 32 * 1024 * 1024,
    maxPendingCommands: 1_000,
    random: Math.random,
    ...options,
  };
  check(resolved);
  return resolved;
}

/**
 * The command that subscribes. Names after `CUSTOM` are subclasses, so these come last; `ALL` has them all. Throws
 * `config.invalid`.
 */
export function subscription(options: Pick<ResolvedEslOptions, 'format' | 'events' | 'subclasses'>): string {
  const { format, events, subclasses } = options;
  for (const name of [...events, ...subclasses]) {
    if (!/^[\w:.-]{1,128}$/.test(name)) throw invalid('events', 'must be names of events');
  }
  if (events.includes('ALL')) return `event ${format} ALL`;
  const custom = subclasses.length === 0 ? [] : ['CUSTOM', ...subclasses];
  return ['event', format, ...events, ...custom].join(' ');
}

/** The least that each bounded option may be. */
const LEAST = {
  port: 1,
  connectTimeoutMs: 1,
  commandTimeoutMs: 1,
  keepAliveMs: 0,
  idleTimeoutMs: 0,
  heartbeatTimeoutMs: 0,
  maxLagMs: 0,
  refusedRetryMs: 1,
  maxFrameBytes: 1024,
  maxPendingCommands: 1,
} as const satisfies Partial<Record<keyof ResolvedEslOptions, number>>;

function check(options: ResolvedEslOptions): void {
  for (const name of Object.keys(LEAST) as (keyof typeof LEAST)[]) {
    const value = options[name];
    if (!Number.isFinite(value) || value < LEAST[name]) throw invalid(name, `must be at least ${LEAST[name]}`);
  }
  if (options.host === '') throw invalid('host', 'is empty');
  if (options.format !== 'json' && options.format !== 'plain') throw invalid('format', 'must be json or plain');
  for (const name of ['secret', 'user'] as const) {
    if (/[\r\n\0]/.test(options[name] ?? '')) throw invalid(name, 'must not contain CR, LF or NUL');
  }
  if (options.user !== undefined && !/^[^:@\s]+@[^:@\s]+$/.test(options.user)) {
    throw invalid('user', 'must be a user and a domain, such as 1001@example.org');
  }
  subscription(options);
}

function invalid(field: string, what: string): OffhookError {
  return new OffhookError('config.invalid', `${field} ${what}`, { field });
}
