import { Observable, type Subscriber } from 'rxjs';
import type { Adapter, AdapterContext } from '../../src/adapters/port.ts';
import type { Connection } from '../../src/domain/call.ts';
import { type Capabilities, COMMAND_TYPES, type Command, type CommandResult } from '../../src/domain/command.ts';
import type { Party } from '../../src/domain/device.ts';
import type { AdapterEvent, CallEvent, ConnectionChange, LinkState } from '../../src/domain/event.ts';

/** Every service supported. */
export const ALL_SUPPORTED = Object.fromEntries(
  COMMAND_TYPES.map((type) => [type, { support: 'yes' }]),
) as unknown as Capabilities;

/** An adapter that says what a test tells it to, and remembers what it was told. */
export class FakeAdapter implements Adapter {
  readonly kind = 'fake';
  readonly link: string;
  capabilities = ALL_SUPPORTED;
  readonly commands: Command[] = [];
  readonly contexts: AdapterContext[] = [];
  result: CommandResult = { ok: true };
  /** How many are subscribed now. */
  subscribers = 0;
  #subscriber: Subscriber<AdapterEvent> | undefined;

  constructor(link = 'pbx') {
    this.link = link;
  }

  run(context: AdapterContext): Observable<AdapterEvent> {
    this.contexts.push(context);
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.subscribers++;
      return () => this.subscribers--;
    });
  }

  async execute(command: Command): Promise<CommandResult> {
    this.commands.push(command);
    return this.result;
  }

  say(...events: AdapterEvent[]): void {
    for (const event of events) this.#subscriber?.next(event);
  }

  linkIs(state: LinkState, time = 0, facts: Partial<Extract<AdapterEvent, { type: 'link' }>> = {}): void {
    this.say({ type: 'link', link: this.link, state, time, ...facts });
  }

  up(time = 0): void {
    this.linkIs('connecting', time);
    this.linkIs('up', time);
  }

  fail(error: unknown): void {
    this.#subscriber?.error(error);
  }

  complete(): void {
    this.#subscriber?.complete();
  }
}

/** A station as the PBX shows it. */
export function station(number: string, name: string | null = null): Party {
  return { device: number, category: 'station', number, name, presentation: 'allowed' };
}

/** An outside party. */
export function outside(number: string | null, presentation: Party['presentation'] = 'allowed'): Party {
  return { device: 'trunk-1', category: 'trunk', number, name: null, presentation };
}

/** A call event with less to write. */
export function event(
  type: CallEvent['type'],
  callId: string,
  time: number,
  connections: readonly ConnectionChange[],
  more: Partial<CallEvent> = {},
): CallEvent {
  return { type, link: 'pbx', callId, time, connections, ...more };
}

/** The states of a call's connections by id. */
export function states(connections: readonly Connection[]): Record<string, string> {
  return Object.fromEntries(connections.map(({ id, state }) => [id, state]));
}

/** An outside call to a line, as far as it rings. The caller's connection is `<call>:in`, the line's `<call>:<line>`. */
export function incoming(callId: string, line: string, caller: Party, time: number): CallEvent[] {
  return [
    event('originated', callId, time, [
      { id: `${callId}:in`, device: 'trunk-1', state: 'connected', direction: 'out', party: caller },
    ]),
    event('delivered', callId, time + 10, [
      { id: `${callId}:${line}`, device: line, state: 'alerting', direction: 'in', party: station(line) },
    ]),
  ];
}

/** The line answers. */
export function answered(callId: string, line: string, time: number): CallEvent {
  return event('established', callId, time, [{ id: `${callId}:${line}`, device: line, state: 'connected' }]);
}

/** Everybody hangs up. */
export function hungUp(callId: string, line: string, time: number): CallEvent[] {
  return [
    event('connectionCleared', callId, time, [{ id: `${callId}:in`, device: 'trunk-1', state: 'null' }], {
      cause: 'normalClearing',
    }),
    event('connectionCleared', callId, time, [{ id: `${callId}:${line}`, device: line, state: 'null' }], {
      cause: 'normalClearing',
    }),
    event('callCleared', callId, time, [], { cause: 'normalClearing' }),
  ];
}
