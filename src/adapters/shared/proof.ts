import type { Clock } from '../../domain/clock.ts';
import type { CommandResult } from '../../domain/command.ts';
import { OffhookError } from '../../domain/error.ts';
import type { CallEvent } from '../../domain/event.ts';

/** A command that was not carried out, and why. */
export type Refused = Extract<CommandResult, { ok: false }>;

/** What a proof needs of the link. */
export interface ProofRun {
  readonly clock: Clock;
  readonly options: {
    /** How long the switch may take to show that it did what it was asked. Milliseconds; default 5,000. */
    readonly proofTimeoutMs?: number;
  };
  /** Calls back with every call event, from now on, until the returned function is called. */
  onCallEvent(listener: (event: CallEvent) => void): () => void;
}

/** A change of one connection. */
export type Change = CallEvent['connections'][number];

/** The answer to a request, of whatever kind, or a refusal of the request. */
type Sent = Promise<object>;

/** Sends, and waits until the switch's own events show the effect on one connection. */
export async function prove(
  run: ProofRun,
  connection: string,
  done: (change: Change) => boolean,
  send: () => Sent,
): Promise<CommandResult> {
  const proof = watch(run, proofMs(run), (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.id === connection);
      if (change !== undefined && done(change)) found({ ok: true, callId: event.callId, connection });
    }),
  );
  return proof.after(send());
}

/**
 * A result that events bring, before or after the answer to the request: a refusal of the request, or `command.timeout`,
 * come instead.
 */
export function watch(
  run: ProofRun,
  timeoutMs: number,
  listen: (found: (result: CommandResult) => void) => () => void,
): { after(sent: Sent): Promise<CommandResult> } {
  let settle: (result: CommandResult) => void = () => {};
  const result = new Promise<CommandResult>((resolve) => {
    settle = resolve;
  });
  const stop = listen((found) => end(found));
  const cancel = run.clock.setTimer(
    () =>
      end(
        refused(
          'command.timeout',
          `The PBX accepted the request, but nothing happened within ${timeoutMs} ms.`,
          'Look at the telephone, then try again.',
        ),
      ),
    timeoutMs,
  );
  const end = (found: CommandResult) => {
    stop();
    cancel();
    settle(found);
  };
  return {
    after(sent) {
      sent.then(
        (answer) => {
          if (isRefused(answer)) end(answer);
        },
        (error: unknown) => end(refusalOf(error)),
      );
      return result;
    },
  };
}

/** Why a command failed, of whatever was thrown. */
export function refusalOf(error: unknown): Refused {
  if (error instanceof OffhookError) return refused(error.code, error.message, error.remedy);
  return refused('internal', `The command failed: ${String(error)}`);
}

/** Waits. */
export function pause(run: ProofRun, ms: number): Promise<void> {
  return new Promise((resolve) => {
    run.clock.setTimer(resolve, ms);
  });
}

/** How long to wait for a proof. Milliseconds. */
export function proofMs(run: ProofRun): number {
  return run.options.proofTimeoutMs ?? 5_000;
}

/** A refusal. */
export function refused(code: string, message: string, remedy?: string): Refused {
  return { ok: false, code, message, ...(remedy === undefined ? {} : { remedy }) };
}

/** What is answered while the link is not up. */
export const LINK_DOWN: Refused = {
  ok: false,
  code: 'command.link-down',
  message: 'The link to the PBX is not up.',
  remedy: 'Wait until the link is up again; its state is shown with the lines.',
};

/** Numbers that may be dialled: what a telephone's keys and a plus can write. */
const DIALABLE = /^\+?[0-9A-D*#]{1,40}$/;

/** Whether a number can be dialled, and cannot be misread by a switch. */
export function checkNumber(number: string): Refused | undefined {
  if (DIALABLE.test(number)) return undefined;
  return refused(
    'command.invalid-argument',
    'number: not something that a telephone can dial',
    'Use digits, *, # and a leading +; spell it without spaces and letters.',
  );
}

const DIGITS = /^[0-9A-D*#]{1,40}$/;

/** The same of digits to send. */
export function checkDigits(digits: string): Refused | undefined {
  if (DIGITS.test(digits)) return undefined;
  return refused(
    'command.invalid-argument',
    'digits: 1 to 40 of 0-9, A-D, * and #',
    'Send other signals by other means.',
  );
}

/** The connection is gone. */
export const isGone = (change: Change): boolean => change.state === 'null';

function isRefused(answer: object): answer is Refused {
  return 'ok' in answer && answer.ok === false && 'code' in answer;
}
