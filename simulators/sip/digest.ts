import type { Clock } from '../../src/domain/clock.ts';
import { md5, newHex } from './identifiers.ts';

/** How somebody who was asked who they are answered. `absent`: not at all. */
export type DigestVerdict = 'right' | 'wrong' | 'stale' | 'absent';

/** What a digest is checked with. */
export interface DigestQuestion {
  readonly method: string;
  /** The value of Authorization or Proxy-Authorization; empty: there is none. */
  readonly authorization: string;
  /** The password of a user; `undefined`: there is no such user. */
  readonly passwordOf: (user: string) => string | undefined;
}

/** Nonces that are remembered at most. */
const MAX_NONCES = 10_000;

/** Digest authentication with MD5 (RFC 2617; `qop=auth` or none). */
export class Digest {
  readonly #clock: Clock;
  readonly #nonceMs: number;
  readonly #issued = new Map<string, number>();

  /** `nonceMs`: how long a nonce is good for. */
  constructor(clock: Clock, nonceMs: number) {
    this.#clock = clock;
    this.#nonceMs = nonceMs;
  }

  /** A nonce for a challenge. */
  nonce(): string {
    const nonce = newHex(32);
    this.#issued.set(nonce, this.#clock.now());
    if (this.#issued.size > MAX_NONCES) this.#issued.delete(this.#issued.keys().next().value!);
    return nonce;
  }

  /** Who is it? The user's name is told where the answer is right. */
  check({ method, authorization, passwordOf }: DigestQuestion): {
    readonly verdict: DigestVerdict;
    readonly user: string;
  } {
    if (!/^digest\s/i.test(authorization)) return { verdict: 'absent', user: '' };
    const parts = partsOf(authorization);
    const { username: user = '', realm = '', nonce = '', uri = '', response, qop, nc = '', cnonce = '' } = parts;
    const password = passwordOf(user);
    const secret = md5(`${user}:${realm}:${password ?? ''}`);
    const counted = qop === undefined ? '' : `${nc}:${cnonce}:${qop}:`;
    const wanted = md5(`${secret}:${nonce}:${counted}${md5(`${method}:${uri}`)}`);
    if (password === undefined || response !== wanted) return { verdict: 'wrong', user };
    const issued = this.#issued.get(nonce);
    const isFresh = issued !== undefined && this.#clock.now() - issued < this.#nonceMs;
    return { verdict: isFresh ? 'right' : 'stale', user };
  }
}

function partsOf(authorization: string): Partial<Record<string, string>> {
  const pairs = authorization.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi);
  return Object.fromEntries(
    [...pairs].map(([, name = '', quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? '']),
  );
}
