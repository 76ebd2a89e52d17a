import type { ConnectionOptions } from 'node:tls';
import { OffhookError } from '../../domain/error.ts';
import type { BackOffOptions } from '../../streams/back-off.ts';
import type { LinkTap } from '../shared/recording.ts';
import { DEFAULT_MAX_MESSAGE_BYTES, UNWANTED_EVENTS } from './framing.ts';

/** Watches the bytes of a link, for recordings. */
export type AmiTap = LinkTap;

/** How to reach an Asterisk manager, and the bounds of everything that may take long or grow. Times in milliseconds. */
export interface NativeAmiOptions {
  readonly host: string;
  /** Default 5038; with `tls`, 5039. */
  readonly port?: number;
  /** True, or options of `tls.connect` (`ca`, `servername`...). Certificates are checked unless these say otherwise. */
  readonly tls?: boolean | ConnectionOptions;
  readonly username: string;
  readonly secret: string;
  /**
   * `md5` (default): a challenge is answered, the secret is never sent. Where the switch refuses to challenge, the secret
   * is sent in plain over TLS and to this machine itself, and nowhere else: then the link is `refused`. `plain`: the secret
   * is sent.
   */
  readonly auth?: 'md5' | 'plain';
  /** Until the greeting has come: TCP, TLS and the first line. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long an action waits for its answer, and a list for its next item. Default 10,000. */
  readonly actionTimeoutMs?: number;
  /**
   * How long to wait for FullyBooted after the login. A switch that is still loading its modules says it when it is done;
   * a user without the read class `system` is never told, and is `ready` after this time. Default 5,000.
   */
  readonly bootTimeoutMs?: number;
  /** A Ping goes out after such a silence. Default 15,000; 0: never. */
  readonly keepAliveMs?: number;
  /** A link that has been silent for so long is dead. Default `keepAliveMs` + 10,000; 0: never. */
  readonly idleTimeoutMs?: number;
  readonly reconnect?: BackOffOptions;
  /** The wait after a refused login. Default 60,000. Jittered like the others. */
  readonly refusedRetryMs?: number;
  /** Default 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Default 1,000; more are rejected with `link.overloaded`. */
  readonly maxPendingActions?: number;
  /** Default 100,000. */
  readonly maxListItems?: number;
  /**
   * The event classes asked for at login, as in manager.conf. Default `system,call,agent,dtmf`: without `dialplan` and
   * `user`, whose events are most of the traffic and can be made by callers to look like others (see `forged.ts`). `on`:
   * all that the user may read.
   */
  readonly eventMask?: string;
  /** Events that are dropped unread. Default {@link UNWANTED_EVENTS}. */
  readonly unwanted?: ReadonlySet<string>;
  /** Filters that the switch is asked to add to the session, as for the action `Filter`: `!Event: VarSet`. Default none. */
  readonly filters?: readonly string[];
  readonly tap?: AmiTap;
  /** Numbers from 0 to below 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** The classes that the project's own translation needs. */
export const CALL_EVENT_MASK = 'system,call,agent,dtmf';

type Optional = 'tls' | 'tap' | 'reconnect';

/** Options with every default filled in. */
export type ResolvedAmiOptions = Required<Omit<NativeAmiOptions, Optional>> & Pick<NativeAmiOptions, Optional>;

/** Fills the defaults in. Throws `config.invalid`, which names the option. */
export function resolveOptions(options: NativeAmiOptions): ResolvedAmiOptions {
  const keepAliveMs = options.keepAliveMs ?? 15_000;
  const resolved: ResolvedAmiOptions = {
    port: options.tls === undefined || options.tls === false ? 5038 : 5039,
    auth: 'md5',
    connectTimeoutMs: 10_000,
    actionTimeoutMs: 10_000,
    bootTimeoutMs: 5_000,
    keepAliveMs,
    idleTimeoutMs: keepAliveMs === 0 ? 0 : keepAliveMs + 10_000,
    refusedRetryMs: 60_000,
    maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES,
    maxPendingActions: 1_000,
    maxListItems: 100_000,
    eventMask: CALL_EVENT_MASK,
    unwanted: UNWANTED_EVENTS,
    filters: [],
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
  actionTimeoutMs: 1,
  bootTimeoutMs: 0,
  keepAliveMs: 0,
  idleTimeoutMs: 0,
  refusedRetryMs: 1,
  maxMessageBytes: 1024,
  maxPendingActions: 1,
  maxListItems: 1,
} as const satisfies Partial<Record<keyof ResolvedAmiOptions, number>>;

function check(options: ResolvedAmiOptions): void {
  for (const name of Object.keys(LEAST) as (keyof typeof LEAST)[]) {
    const value = options[name];
    if (!Number.isFinite(value) || value < LEAST[name]) throw invalid(name, `must be at least ${LEAST[name]}`);
  }
  if (options.host === '') throw invalid('host', 'is empty');
  for (const name of ['username', 'secret', 'eventMask'] as const) {
    if (/[\r\n\0]/.test(options[name])) throw invalid(name, 'must not contain CR, LF or NUL');
  }
}

function invalid(field: string, what: string): OffhookError {
  return new OffhookError('config.invalid', `${field} ${what}`, { field });
}
