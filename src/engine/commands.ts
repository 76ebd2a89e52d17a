import type { ConnectionId } from '../domain/call.ts';
import { COMMAND_TYPES, type Command, type CommandResult, type CommandType } from '../domain/command.ts';
import type { ConnectionState } from '../domain/connection-state.ts';
import type { ErrorCode } from '../domain/error.ts';
import type { Logger } from '../domain/logger.ts';
import type { LinkEntry, Registry } from './registry.ts';

/**
 * The states that a connection must be in for a service: the "initial states" of the services of ECMA-269 17.1. The switch
 * has the last word; what is not listed is refused without asking it.
 */
export const COMMAND_STATES: Readonly<Record<Exclude<CommandType, 'makeCall'>, readonly ConnectionState[]>> = {
  // initiated: a phone that was prompted by click-to-dial
  answerCall: ['alerting', 'initiated'],
  clearConnection: ['initiated', 'alerting', 'connected', 'hold', 'queued', 'fail'],
  holdCall: ['connected'],
  retrieveCall: ['hold'],
  singleStepTransferCall: ['connected', 'hold'],
  consultationCall: ['connected', 'hold'],
  // connected: Asterisk's own consultation (AMI Atxfer) holds the first call without saying so
  transferCall: ['hold', 'connected'],
  deflectCall: ['alerting', 'queued'],
  directedPickupCall: ['alerting', 'queued'],
  parkCall: ['connected', 'hold'],
  generateDigits: ['connected'],
};

const REQUIRED: Readonly<Record<CommandType, readonly string[]>> = {
  makeCall: ['device', 'number'],
  answerCall: ['connection'],
  clearConnection: ['connection'],
  holdCall: ['connection'],
  retrieveCall: ['connection'],
  singleStepTransferCall: ['connection', 'number'],
  consultationCall: ['connection', 'number'],
  transferCall: ['connection'],
  deflectCall: ['connection', 'number'],
  directedPickupCall: ['device', 'connection'],
  parkCall: ['connection'],
  generateDigits: ['connection', 'digits'],
};

type Refusal = Extract<CommandResult, { ok: false }>;

/**
 * Gives a command to the link that it concerns. Refuses, without asking the switch, what is malformed
 * (`command.invalid-argument`), about an unknown line or connection, for a link that is down, unsupported there, or
 * impossible in the connection's state (`command.wrong-state`). Never rejects.
 */
export async function executeCommand(registry: Registry, logger: Logger, command: Command): Promise<CommandResult> {
  const malformed = checkShape(command);
  if (malformed !== undefined) return malformed;
  const target = findLink(registry, command);
  if ('ok' in target) return target;
  const refused = checkLink(target, command.type) ?? checkStates(registry, target, command);
  if (refused !== undefined) return refused;
  try {
    return await target.adapter.execute(command);
  } catch (error) {
    logger.error({ link: target.id, command: command.type, error }, 'an adapter broke its promise never to reject');
    return refusal('internal', `The adapter of ${target.id} failed: ${String(error)}`);
  }
}

function checkShape(command: Command): Refusal | undefined {
  if (typeof command !== 'object' || command === null || !COMMAND_TYPES.includes(command.type)) {
    return refusal('command.invalid-argument', 'There is no such command.');
  }
  const fields = command as unknown as Readonly<Record<string, unknown>>;
  for (const name of REQUIRED[command.type]) {
    if (typeof fields[name] === 'string' && fields[name] !== '') continue;
    return refusal('command.invalid-argument', `${command.type} needs "${name}", a text that is not empty.`);
  }
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' && /[\u0000-\u001f\u007f]/.test(value)) {
      return refusal('command.invalid-argument', `"${name}" has a control character in it.`);
    }
  }
  return undefined;
}

function findLink(registry: Registry, command: Command): LinkEntry | Refusal {
  if (command.type === 'makeCall') return registry.line(command.device)?.link ?? unknownLine(command.device);
  const call = registry.callOf(command.connection);
  if (call === undefined) return unknownConnection(command.connection);
  if (command.type !== 'directedPickupCall' || call.link.lines.has(command.device)) return call.link;
  return unknownLine(command.device);
}

function checkLink(link: LinkEntry, type: CommandType): Refusal | undefined {
  if (link.status.state !== 'up') {
    return refusal(
      'command.link-down',
      `The link ${link.id} is ${link.status.state}.`,
      'Try again when the link is up.',
    );
  }
  const { support, note } = link.adapter.capabilities[type];
  if (support !== 'no') return undefined;
  return refusal('command.unsupported', note ?? `${type} is not supported by ${link.adapter.kind}.`);
}

function checkStates(registry: Registry, link: LinkEntry, command: Command): Refusal | undefined {
  if (command.type === 'makeCall') return undefined;
  const refused = checkState(registry, command.connection, COMMAND_STATES[command.type], command.type);
  if (refused !== undefined || command.type !== 'transferCall' || command.consultation === undefined) return refused;
  if (registry.callOf(command.consultation)?.link !== link) return unknownConnection(command.consultation);
  return checkState(registry, command.consultation, ['initiated', 'alerting', 'connected', 'hold'], command.type);
}

function checkState(
  registry: Registry,
  id: ConnectionId,
  allowed: readonly ConnectionState[],
  type: CommandType,
): Refusal | undefined {
  const connection = registry.connection(id);
  if (connection === undefined) return unknownConnection(id);
  if (allowed.includes(connection.state)) return undefined;
  const is = connection.state === 'null' ? 'has ended' : `is ${connection.state}`;
  return refusal('command.wrong-state', `${type} needs a connection that is ${allowed.join(' or ')}; this one ${is}.`);
}

function unknownConnection(id: string): Refusal {
  return refusal('command.unknown-connection', `There is no connection ${id}.`, 'The call may have ended meanwhile.');
}

function unknownLine(device: string): Refusal {
  return refusal('command.unknown-line', `${device} is not a line of this engine.`);
}

function refusal(code: ErrorCode, message: string, remedy?: string): Refusal {
  return { ok: false, code, message, ...(remedy === undefined ? {} : { remedy }) };
}
