import { createHash } from 'node:crypto';
import { OffhookError } from '../../domain/error.ts';
import type { ResolvedAmiOptions } from './options.ts';
import type { AmiAnswer, AmiFields } from './session.ts';

/** Sends an action during the login; `done` is called synchronously with the message that answers. */
export type Exchange = (action: string, fields: AmiFields, done: (outcome: AmiAnswer | OffhookError) => void) => void;

type Done = (outcome: AmiAnswer | OffhookError) => void;

/**
 * Logs in by challenge, or in plain where that was asked for. Where the switch will not challenge, the secret is sent in
 * plain only if `isPrivate` (TLS, or the machine itself). Ends with the answer of a successful login, or with
 * `link.auth-refused`, `link.timeout`, `link.lost`.
 */
export function logIn(options: ResolvedAmiOptions, isPrivate: boolean, exchange: Exchange, done: Done): void {
  const identity = { Username: options.username, Events: options.eventMask };
  const judge: Done = (outcome) => done(outcome instanceof OffhookError || outcome.ok ? outcome : refusal(outcome));
  const plain = () => exchange('Login', { ...identity, Secret: options.secret }, judge);
  const answerChallenge: Done = (outcome) => {
    const key = outcome instanceof OffhookError ? undefined : keyFor(outcome, options.secret);
    if (outcome instanceof OffhookError) done(outcome);
    else if (key !== undefined) exchange('Login', { AuthType: 'MD5', ...identity, Key: key }, judge);
    else if (isPrivate) plain();
    else done(noChallenge());
  };
  if (options.auth === 'plain') plain();
  else exchange('Challenge', { AuthType: 'MD5' }, answerChallenge);
}

/** The switch says the same for an unknown user, a wrong secret and an address that the user's ACL forbids. */
function refusal(answer: AmiAnswer): OffhookError {
  const said = JSON.stringify((answer.response.get('Message') ?? '').slice(0, 200));
  return new OffhookError(
    'link.auth-refused',
    `the switch refused the login (${said}): wrong user name or secret, or this address is not permitted (ACL)`,
    {
      remedy:
        'Compare user name, secret and permit/deny lines with manager.conf; the switch does not say which it was.',
    },
  );
}

function noChallenge(): OffhookError {
  return new OffhookError(
    'link.auth-refused',
    'the switch offers no MD5 challenge, and the secret is not sent over an unprotected connection',
    { remedy: "Use TLS, or choose auth: 'plain' if the network between is trusted." },
  );
}

/** `undefined` where there is no challenge, or where the machine's policy forbids MD5 (FIPS). */
function keyFor(answer: AmiAnswer, secret: string): string | undefined {
  const challenge = answer.ok ? answer.response.get('Challenge') : undefined;
  if (challenge === undefined) return undefined;
  try {
    return createHash('md5').update(`${challenge}${secret}`, 'utf8').digest('hex');
  } catch {
    return undefined;
  }
}
