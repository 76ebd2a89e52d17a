import type { Call, CallId, Line, LineCall } from '../domain/call.ts';
import type { Command, CommandResult } from '../domain/command.ts';
import type { Contact, Recognition } from '../domain/contact.ts';
import type { DeviceId } from '../domain/device.ts';
import type { ErrorCode } from '../domain/error.ts';
import { ERROR_CODES, OffhookError } from '../domain/error.ts';
import type { EngineSnapshot } from '../domain/journal.ts';
import type { Engine } from '../engine/engine.ts';
import type { Principal } from './auth.ts';
import { filterFor, seesCall } from './filter.ts';
import type { FrameSource } from './frames.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import type { WireSnapshot } from './protocol.ts';

/** A command that the switch did. */
export type Done = Extract<CommandResult, { ok: true }>;

/** What a principal can ask for, whatever way they ask. Everything throws {@link OffhookError} and nothing else. */
export class Services {
  readonly #engine: Engine;
  readonly #frames: FrameSource;
  readonly #metrics: GatewayMetrics;
  readonly #options: ResolvedOptions;

  constructor(options: ResolvedOptions, frames: FrameSource, metrics: GatewayMetrics) {
    this.#engine = options.engine;
    this.#options = options;
    this.#frames = frames;
    this.#metrics = metrics;
  }

  snapshot(principal: Principal, lines?: readonly DeviceId[]): WireSnapshot {
    return this.#frames.wireSnapshot(filterFor(principal, lines));
  }

  /** {@link snapshot} without its place in the log. */
  view(principal: Principal, lines?: readonly DeviceId[]): EngineSnapshot {
    return this.#frames.snapshot(filterFor(principal, lines));
  }

  /** `gateway.not-found` for a call that there is not, or that is none of the principal's. */
  call(principal: Principal, id: CallId): Call {
    const call = this.#engine.call(id);
    if (call !== undefined && seesCall(filterFor(principal, undefined), call)) return call;
    throw new OffhookError('gateway.not-found', 'no such call', { field: 'id' });
  }

  /** `gateway.not-found` for a line that there is not, or that is none of the principal's. */
  line(principal: Principal, device: DeviceId): { line: Line; calls: readonly LineCall[] } {
    const line = may(principal, device) ? this.#engine.line(device) : undefined;
    if (line === undefined) throw new OffhookError('gateway.not-found', 'no such line', { field: 'device' });
    return { line, calls: this.#engine.lineCalls(device) };
  }

  /** Asks the switch. A refusal is thrown with the switch's code. */
  async execute(principal: Principal, command: Command): Promise<Done> {
    const result = await this.#attempt(principal, command);
    this.#metrics.command(command.type, result.ok ? 'ok' : result.code);
    const { logger } = this.#options;
    const fields = { user: principal.name, command: command.type, result: result.ok ? 'ok' : result.code };
    logger.info(fields, 'command');
    if (result.ok) return result;
    throw refusal(result);
  }

  async lookup(number: string): Promise<Recognition> {
    const { lookup } = this.#options;
    if (lookup === undefined) throw unsupported('lookup');
    return lookup(number);
  }

  async search(text: string): Promise<readonly Contact[]> {
    const { search } = this.#options;
    if (search === undefined) throw unsupported('search');
    return search(text);
  }

  async #attempt(principal: Principal, command: Command): Promise<CommandResult> {
    const denied = this.#denial(principal, command);
    return denied ?? this.#engine.execute(command);
  }

  /** Why the principal may not; `undefined` when they may. What they cannot see does not exist for them. */
  #denial(principal: Principal, command: Command): Extract<CommandResult, { ok: false }> | undefined {
    if (!principal.commands) return notPermitted('the token is for looking only');
    if (principal.lines === null) return undefined;
    if ('device' in command && !may(principal, command.device))
      return notPermitted('the token does not open this line');
    if (!('connection' in command)) return undefined;
    const foreign = command.type === 'directedPickupCall' ? undefined : this.#foreign(principal, command.connection);
    if (foreign !== undefined) return foreign;
    if (command.type === 'directedPickupCall') return this.#unseen(principal, command.connection);
    if (command.type !== 'transferCall' || command.consultation === undefined) return undefined;
    return this.#foreign(principal, command.consultation);
  }

  #foreign(principal: Principal, id: string): Extract<CommandResult, { ok: false }> | undefined {
    for (const device of principal.lines ?? []) {
      if (this.#engine.lineCalls(device).some((call) => call.id === id)) return undefined;
    }
    return this.#unseen(principal, id) ?? notPermitted("the connection is another line's");
  }

  #unseen(principal: Principal, id: string): Extract<CommandResult, { ok: false }> | undefined {
    const { calls } = this.view(principal);
    if (calls.some((call) => call.connections.some((connection) => connection.id === id))) return undefined;
    return { ok: false, code: 'command.unknown-connection', message: 'no such connection' };
  }
}

function may(principal: Principal, device: DeviceId): boolean {
  return principal.lines === null || principal.lines.has(device);
}

function notPermitted(message: string): Extract<CommandResult, { ok: false }> {
  return { ok: false, code: 'command.not-permitted', message, remedy: 'Ask for a token that permits it.' };
}

function unsupported(name: string): OffhookError {
  return new OffhookError('command.unsupported', `this gateway has no ${name}`, {
    remedy: 'Start it with a contact source.',
  });
}

const RETRYABLE: readonly string[] = ['command.timeout', 'command.link-down'];

function refusal(result: Extract<CommandResult, { ok: false }>): OffhookError {
  const code = ERROR_CODES.find((known): known is ErrorCode => known === result.code) ?? 'command.refused';
  return new OffhookError(code, result.message, {
    retryable: RETRYABLE.includes(code),
    ...(result.remedy === undefined ? {} : { remedy: result.remedy }),
  });
}
