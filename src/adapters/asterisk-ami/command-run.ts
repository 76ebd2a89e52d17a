import type { Clock } from '../../domain/clock.ts';
import type { CommandResult } from '../../domain/command.ts';
import type { DeviceId, LinkId, MonitoredDevice } from '../../domain/device.ts';
import type { CallEvent } from '../../domain/event.ts';
import type { AmiMessage } from './message.ts';
import type { AmiAnswer, AmiFields, AmiSession } from './session.ts';
import type { AsteriskTranslator } from './translate.ts';

/** How commands reach the switch. */
export interface CommandOptions {
  /** The dialplan context that users' numbers are dialled in. Default: the context of the user's own endpoint. */
  readonly context?: string;
  /** The endpoint of an extension, where it is not `PJSIP/<extension>`. */
  readonly endpointOf?: (device: DeviceId) => string | undefined;
  /** Telephones that obey SIP NOTIFY `Event: talk` and `hold` (Broadsoft's remote control). Default: none is sure to. */
  readonly remoteControl?: readonly DeviceId[];
  /** How long a user's own phone rings for click-to-dial. Milliseconds; default 30,000. */
  readonly ringTimeoutMs?: number;
  /** How long the switch may take to show that it did what it was asked. Milliseconds; default 5,000. */
  readonly proofTimeoutMs?: number;
}

/** What a command works with. */
export interface CommandRun {
  readonly session: AmiSession;
  readonly translator: AsteriskTranslator;
  readonly clock: Clock;
  readonly options: CommandOptions;
  readonly link: LinkId;
  readonly lines: readonly MonitoredDevice[];
  /** Calls back with every call event, from now on, until the returned function is called. */
  onCallEvent(listener: (event: CallEvent) => void): () => void;
  /** The same for messages of the switch. */
  onMessage(listener: (message: AmiMessage) => void): () => void;
}

export type Refused = Extract<CommandResult, { ok: false }>;

/** Sends, and waits until the switch's own events show the effect on one connection. */
export async function prove(
  run: CommandRun,
  connection: string,
  done: (change: CallEvent['connections'][number]) => boolean,
  send: () => Promise<AmiAnswer | Refused>,
): Promise<CommandResult> {
  const proof = watch(run, proofMs(run), (found) =>
    run.onCallEvent((event) => {
      const change = event.connections.find((each) => each.id === connection);
      if (change !== undefined && done(change)) found({ ok: true, callId: event.callId, connection });
    }),
  );
  return proof.after(send());
}

/** A result that events bring once the request was sent: a refusal of the request, or `command.timeout`, come instead. */
export function watch(
  run: CommandRun,
  timeoutMs: number,
  listen: (found: (result: CommandResult) => void) => () => void,
): { after(sent: Promise<AmiAnswer | Refused>): Promise<CommandResult> } {
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
    async after(sent) {
      const answer = await sent.catch((error: unknown) => {
        end(refused('internal', 'not sent'));
        throw error;
      });
      if ('code' in answer) end(answer);
      return result;
    },
  };
}

export async function ask(run: CommandRun, action: string, fields: AmiFields): Promise<AmiAnswer | Refused> {
  const answer = await run.session.send(action, fields, { list: false });
  if (answer.ok) return answer;
  const text = (answer.response.get('Message') ?? 'no reason given').trim();
  if (/permission/i.test(text)) {
    return refused(
      'command.not-permitted',
      `${action}: ${text}`,
      'Give the manager user the write classes call, originate and system.',
    );
  }
  if (/invalid.*command|unknown command/i.test(text)) {
    return refused('command.unsupported', `${action}: ${text}`, 'Load the module that provides this action.');
  }
  return refused('command.refused', `${action}: ${text}`);
}

export function pause(run: CommandRun, ms: number): Promise<void> {
  return new Promise((resolve) => {
    run.clock.setTimer(resolve, ms);
  });
}

export function proofMs(run: CommandRun): number {
  return run.options.proofTimeoutMs ?? 5_000;
}

export function refused(code: string, message: string, remedy?: string): Refused {
  return { ok: false, code, message, ...(remedy === undefined ? {} : { remedy }) };
}
