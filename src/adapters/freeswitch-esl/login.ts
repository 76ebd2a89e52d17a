import { OffhookError } from '../../domain/error.ts';
import type { EslFrame } from './message.ts';
import type { ResolvedEslOptions } from './options.ts';
import { replyText } from './replies.ts';

/** The command that logs in. It holds the password: never log it. */
export function loginCommand({ user, secret }: Pick<ResolvedEslOptions, 'user' | 'secret'>): string {
  return user === undefined ? `auth ${secret}` : `userauth ${user}:${secret}`;
}

/** What is wrong with the reply to a login, or to the subscription after it; `undefined`: nothing. */
export function loginFault(frame: EslFrame, user: string | undefined): OffhookError | undefined {
  const text = replyText(frame);
  if (text.startsWith('+OK')) return undefined;
  const who = user === undefined ? 'wrong password' : `wrong user or password (${user})`;
  return new OffhookError('link.auth-refused', `the switch refused the login (${quote(text)}): ${who}`, {
    remedy:
      user === undefined
        ? 'Compare the password with event_socket.conf.xml of the switch.'
        : "Compare user, domain and esl-password with the switch's directory; default is the password of event_socket.conf.xml without a user.",
  });
}

/** The same for the subscription. */
export function subscriptionFault(frame: EslFrame): OffhookError | undefined {
  const text = replyText(frame);
  if (text.startsWith('+OK')) return undefined;
  return new OffhookError('link.read-class-missing', `the switch gives no events (${quote(text)})`, {
    remedy:
      "Allow the user the events (esl-allowed-events in the directory), or log in with the socket's own password.",
  });
}

/** Why a switch says goodbye on its own account. */
export function noticeFault(text: string, state: string): OffhookError {
  if (/shut ?down/i.test(text)) {
    return new OffhookError('link.lost', 'the switch, or its event socket, is being shut down', { retryable: true });
  }
  if (state === 'connecting' || state === 'authenticating') {
    return new OffhookError('link.timeout', 'the switch closed the connection before the login was done', {
      retryable: true,
      remedy: 'It waits some 25 s for a login: look for a slow network or a tunnel between.',
    });
  }
  return new OffhookError('link.lost', 'the switch ended the connection', {
    retryable: true,
    remedy: 'It does so for clients that do not keep up, and where an administrator says so.',
  });
}

/** An address that the switch does not admit. */
export function rejectionFault(): OffhookError {
  return new OffhookError('link.auth-refused', 'the switch does not admit this address (ACL)', {
    remedy:
      'Add the address to apply-inbound-acl in event_socket.conf.xml; without it, only the machine itself is admitted.',
  });
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 120));
}
