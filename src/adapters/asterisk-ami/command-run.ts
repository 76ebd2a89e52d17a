import type { DeviceId, LinkId, MonitoredDevice } from '../../domain/device.ts';
import { type ProofRun, type Refused, refused } from '../shared/proof.ts';
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
export interface CommandRun extends ProofRun {
  readonly session: AmiSession;
  readonly translator: AsteriskTranslator;
  readonly options: CommandOptions;
  readonly link: LinkId;
  readonly lines: readonly MonitoredDevice[];
  /** Calls back with every message of the switch, until the returned function is called. */
  onMessage(listener: (message: AmiMessage) => void): () => void;
}

/** Sends; an error of the switch is a refusal. */
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
