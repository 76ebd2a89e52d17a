import { EslDecoder } from '../../src/adapters/freeswitch-esl/framing.ts';

/** What a FreeSWITCH would answer to questions about its channels at a point of a recording. */
export interface FreeswitchState {
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly dumps: ReadonlyMap<string, string>;
}

/** Events that are told late, with the channel as it was long ago (freeswitch.md, point 5). */
const LATE = new Set(['COMMAND', 'PRIVATE_COMMAND', 'MESSAGE', 'CHANNEL_EXECUTE_COMPLETE']);
/** Headers of an event, not of its channel. */
const OF_EVENTS = /^(Event-|Core-UUID|FreeSWITCH-|Application|Bridge-|Hangup-Cause|_body|Content-)/;

/**
 * An observer of a recording in JSON that keeps the switch's own table of channels by the plainest reading of its events:
 * who is there, with the headers that its last events had. It knows nothing of calls. It stands for the switch that answers a
 * snapshot.
 */
export class FreeswitchOracle {
  readonly #channels = new Map<string, Map<string, string>>();
  readonly #firstDialled = new Map<string, string>();
  readonly #decoder = new EslDecoder({ unwanted: new Set() });

  /** Reads bytes. */
  read(bytes: Uint8Array): void {
    for (const { body, type } of this.#decoder.push(bytes)) {
      if (type === 'text/event-json') this.#event(JSON.parse(body) as Record<string, unknown>);
    }
  }

  /** The answers. */
  state(): FreeswitchState {
    const rows = [...this.#channels].map(([uuid, headers]) => rowOf(uuid, headers, this.#firstDialled.get(uuid) ?? ''));
    const dumps = [...this.#channels].map(([uuid, headers]): [string, string] => [
      uuid,
      JSON.stringify({ 'Event-Name': 'CHANNEL_DATA', ...Object.fromEntries(headers) }),
    ]);
    return { rows, dumps: new Map(dumps) };
  }

  #event(event: Record<string, unknown>): void {
    const name = String(event['Event-Name']);
    const uuid = event['Unique-ID'];
    if (typeof uuid !== 'string' || LATE.has(name) || !('Channel-Name' in event)) return;
    const channel = this.#channels.get(uuid) ?? new Map<string, string>();
    if (name === 'CHANNEL_DESTROY') this.#channels.delete(uuid);
    if (name === 'CHANNEL_HANGUP') {
      channel.set('Channel-State', 'CS_HANGUP');
      channel.set('Channel-Call-State', 'HANGUP');
    }
    if (channel.get('Channel-State') === 'CS_HANGUP') return;
    if (!this.#channels.has(uuid) && name !== 'CHANNEL_CREATE' && name !== 'CHANNEL_OUTGOING') return;
    this.#channels.set(uuid, channel);
    for (const [header, value] of Object.entries(event)) {
      if (!OF_EVENTS.test(header)) channel.set(header, Array.isArray(value) ? String(value[0]) : String(value));
    }
    if (!this.#firstDialled.has(uuid)) {
      this.#firstDialled.set(uuid, String(event['Caller-Destination-Number'] ?? ''));
    }
  }
}

function rowOf(uuid: string, headers: ReadonlyMap<string, string>, firstDialled: string): Record<string, string> {
  const of = (name: string): string => headers.get(name) ?? '';
  return {
    uuid,
    direction: of('Call-Direction'),
    name: of('Channel-Name'),
    state: of('Channel-State'),
    cid_name: of('Caller-Caller-ID-Name'),
    cid_num: of('Caller-Caller-ID-Number'),
    dest: of('Caller-Destination-Number'),
    presence_id: of('Channel-Presence-ID'),
    callstate: of('Channel-Call-State'),
    call_uuid: of('Channel-Call-UUID'),
    initial_cid_name: of('Caller-Caller-ID-Name'),
    initial_cid_num: of('Caller-Caller-ID-Number'),
    initial_dest: firstDialled,
  };
}
