import { randomUUID } from 'node:crypto';
import type { Application, CallState, Channel, ChannelState } from './channel.ts';
import { callStateHeaders, channelHeaders } from './channel-headers.ts';
import type { EslEvent, HeaderValue } from './event.ts';
import type { EventOrigin } from './event-origin.ts';

type Headers = EslEvent['headers'];

/** Events that are told without the variables of their channel. */
const WITHOUT_VARIABLES: ReadonlySet<string> = new Set(['CHANNEL_STATE', 'CHANNEL_CALLSTATE', 'CHANNEL_OUTGOING']);

/** What comes with an event besides its channel: `first` before it, `last` after it. */
export interface Extras {
  readonly first?: Headers;
  readonly last?: readonly (readonly [name: string, value: HeaderValue])[];
}

/** Makes events of what happens to channels, one by one. */
export class Teller {
  readonly origin: EventOrigin;
  readonly #fire: (event: EslEvent) => void;

  constructor(origin: EventOrigin, fire: (event: EslEvent) => void) {
    this.origin = origin;
    this.#fire = fire;
  }

  /** An event of a channel. */
  tell(name: string, channel: Channel, { first = [], last = [] }: Extras = {}): void {
    this.#fire({
      headers: [
        ['Event-Name', name],
        ...this.origin.headers(name),
        ...first,
        ...channelHeaders(channel, !WITHOUT_VARIABLES.has(name)),
        ...last,
      ],
    });
  }

  /** An event of a module, with a channel if it is about one; `variables`: whether with those of the channel. */
  custom(
    subclass: string,
    {
      channel,
      variables = true,
      first = [],
      last = [],
    }: Extras & { readonly channel?: Channel; readonly variables?: boolean } = {},
  ): void {
    this.#fire({
      headers: [
        ['Event-Subclass', subclass],
        ['Event-Name', 'CUSTOM'],
        ...this.origin.headers(subclass),
        ...first,
        ...(channel ? channelHeaders(channel, variables) : []),
        ...last,
      ],
    });
  }

  /** An event about no channel. */
  plain(name: string, headers: Headers = [], body?: string): void {
    this.#fire({
      headers: [['Event-Name', name], ...this.origin.headers(name), ...headers],
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The channel goes on to another state. */
  state(channel: Channel, state: ChannelState): void {
    channel.state = state;
    this.tell('CHANNEL_STATE', channel);
  }

  /** Its call goes on to another state; nothing is told if it is there already. */
  callState(channel: Channel, state: CallState): void {
    const before = channel.callState;
    if (before === state) return;
    channel.callState = state;
    this.tell('CHANNEL_CALLSTATE', channel, { first: callStateHeaders(channel, before) });
  }

  /** An application begins. */
  execute(channel: Channel, name: string, data = ''): void {
    const application = { name, data, uuid: randomUUID() };
    channel.applications.push(application);
    channel.set('current_application_data', data === '' ? undefined : data);
    channel.set('current_application', name);
    this.tell('CHANNEL_EXECUTE', channel, { last: applicationHeaders(application) });
  }

  /** The application that runs is over, or the innermost of a name. Nothing is told if none runs. */
  executed(channel: Channel, name?: string): void {
    const at = channel.applications.findLastIndex((application) => name === undefined || application.name === name);
    const [application] = at < 0 ? [] : channel.applications.splice(at, 1);
    if (!application) return;
    this.tell('CHANNEL_EXECUTE_COMPLETE', channel, {
      last: [...applicationHeaders(application), ['Application-Response', '_none_']],
    });
  }

  /** An application that does its work at once. */
  run(channel: Channel, name: string, data: string, work: () => void = () => {}): void {
    this.execute(channel, name, data);
    work();
    this.executed(channel, name);
  }
}

const applicationHeaders = ({ name, data, uuid }: Application): Headers => [
  ['Application', name],
  ...(data === '' ? [] : [['Application-Data', data] as const]),
  ['Application-UUID', uuid],
];
