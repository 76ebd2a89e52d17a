import type { DeviceId, LinkId, MonitoredDevice } from '../../domain/device.ts';
import { type ProofRun, type Refused, refused } from '../shared/proof.ts';
import type { EslAnswer, EslSession } from './session.ts';
import type { FreeswitchTranslator } from './translate.ts';

/** How commands reach the switch. */
export interface CommandOptions {
  /** The dialplan context that users' numbers are dialled in. Default: the user's own `user_context`, else `default`. */
  readonly context?: string;
  /** The domain of users: `user/1001@<domain>`. Default: the switch's own. */
  readonly domain?: string;
  /** The dial string of an extension, where it is not `user/<extension>@<domain>`. */
  readonly endpointOf?: (device: DeviceId) => string | undefined;
  /** Telephones that obey SIP NOTIFY `Event: talk` (`uuid_phone_event`). Default: none is sure to. */
  readonly remoteControl?: readonly DeviceId[];
  /** Where calls are parked: a lot of mod_valet_parking and its places. Default `valet_lot`, 6001 to 6099. */
  readonly parkingLot?: { readonly name: string; readonly from: string; readonly to: string };
  /** How long a user's own phone rings for click-to-dial. Milliseconds; default 30,000. */
  readonly ringTimeoutMs?: number;
  /** How long the switch may take to show that it did what it was asked. Milliseconds; default 5,000. */
  readonly proofTimeoutMs?: number;
}

/** What a command works with. */
export interface CommandRun extends ProofRun {
  readonly session: EslSession;
  readonly translator: FreeswitchTranslator;
  readonly options: CommandOptions;
  readonly link: LinkId;
  readonly lines: readonly MonitoredDevice[];
}

/** Sends; what the switch refuses is a refusal. */
export async function ask(
  run: CommandRun,
  command: string,
  args: string,
  timeoutMs?: number,
): Promise<EslAnswer | Refused> {
  const answer = await run.session.api(command, args, timeoutMs === undefined ? {} : { timeoutMs });
  return answer.ok ? answer : refusal(command, answer.text.trim().slice(0, 200));
}

function refusal(command: string, text: string): Refused {
  if (/permission denied/i.test(text)) {
    const remedy = 'Allow the user the command (esl-allowed-api in the directory), or log in without a user.';
    return refused('command.not-permitted', `${command}: ${text}`, remedy);
  }
  if (/command not found/i.test(text)) {
    return refused('command.unsupported', `${command}: ${text}`, 'Load the module that provides this command.');
  }
  if (/no such channel|cannot locate session/i.test(text)) {
    return refused('command.unknown-connection', `${command}: ${text}`, 'Refresh the list of calls.');
  }
  return refused('command.refused', `${command}: ${text}`);
}
