import type { Clock } from '../../domain/clock.ts';
import type { Capabilities, Command, CommandResult } from '../../domain/command.ts';
import type { LinkId, MonitoredDevice } from '../../domain/device.ts';
import type { CallEvent } from '../../domain/event.ts';
import type { AmiSession } from './session.ts';
import type { AsteriskTranslator } from './translate.ts';

export interface CommandOptions {
  readonly context?: string;
}
export interface CommandRun {
  readonly session: AmiSession;
  readonly translator: AsteriskTranslator;
  readonly clock: Clock;
  readonly options: CommandOptions;
  readonly link: LinkId;
  readonly lines: readonly MonitoredDevice[];
  onCallEvent(listener: (event: CallEvent) => void): () => void;
}
const yes = { support: 'yes' } as const;
export const CAPABILITIES: Capabilities = {
  makeCall: yes,
  answerCall: yes,
  clearConnection: yes,
  holdCall: yes,
  retrieveCall: yes,
  singleStepTransferCall: yes,
  consultationCall: yes,
  transferCall: yes,
  deflectCall: yes,
  directedPickupCall: yes,
  parkCall: yes,
  generateDigits: yes,
};
export async function execute(_command: Command, _run: CommandRun): Promise<CommandResult> {
  return { ok: false, code: 'command.unsupported', message: 'not yet' };
}
