import { createHash, timingSafeEqual } from 'node:crypto';
import { type EventClass, parseClasses } from './classes.ts';
import { type EventFilter, parseFilter } from './event-filter.ts';

/** A user of the manager interface, as manager.conf has it. */
export interface AmiUser {
  readonly username: string;
  readonly secret: string;
  /** Classes of events that are told. @default all */
  readonly read?: readonly string[];
  /** Classes of actions that are allowed. @default all */
  readonly write?: readonly string[];
  /** Patterns over event texts; `!` before one keeps matching events out. @default none */
  readonly eventFilters?: readonly string[];
  /** Not allowed from this address. @default false */
  readonly deny?: boolean;
}

/** A user with everything worked out. */
export interface KnownUser {
  readonly username: string;
  readonly secret: string;
  readonly read: ReadonlySet<EventClass>;
  readonly write: ReadonlySet<EventClass>;
  readonly filters: readonly EventFilter[];
  readonly deny: boolean;
}

/** Works out a user's configuration. Throws `TypeError` for a filter that is no pattern. */
export function knowUser(user: AmiUser): KnownUser {
  const filters = (user.eventFilters ?? []).map((spec) => {
    const filter = parseFilter(spec);
    if (!filter) throw new TypeError(`eventFilters of ${user.username}: not a pattern: ${spec}`);
    return filter;
  });
  const { username, secret, deny = false } = user;
  return {
    username,
    secret,
    deny,
    filters,
    read: parseClasses(user.read ?? 'all'),
    write: parseClasses(user.write ?? 'all'),
  };
}

/** Whether a login may come in: by the secret itself, or by its MD5 together with a challenge. */
export function maySignIn(
  user: KnownUser | undefined,
  secret: string,
  key: string,
  challenge: string | undefined,
): boolean {
  if (!user || user.deny) return false;
  if (key === '') return secret !== '' && same(secret, user.secret);
  if (challenge === undefined) return false;
  return same(key.toLowerCase(), createHash('md5').update(challenge).update(user.secret).digest('hex'));
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
