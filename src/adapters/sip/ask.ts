import type { OffhookError } from '../../domain/error.ts';
import { parseMessage, type SipMessage } from './message.ts';
import type { SendOptions, SipSender } from './session.ts';
import type { Answer, Outgoing } from './srf.ts';

/** A final answer, read. */
export interface Reply {
  readonly status: number;
  readonly message: SipMessage | undefined;
  readonly dialogId: string;
  /** A header's first value. */
  header(name: string): string | undefined;
}

/** Sends a request that is no INVITE and waits for its final answer. Rejects as `SipSender.send` fails. */
export function ask(sender: SipSender, request: Outgoing, options?: SendOptions): Promise<Reply> {
  return new Promise((resolve, reject: (error: OffhookError) => void) => {
    sender.send(request, { final: (answer) => resolve(replyOf(answer)), failed: reject }, options);
  });
}

/** An answer, read. */
export function replyOf({ status, raw, dialogId }: Answer): Reply {
  const message = parseMessage(raw);
  return { status, message, dialogId, header: (name) => message?.header(name) };
}
