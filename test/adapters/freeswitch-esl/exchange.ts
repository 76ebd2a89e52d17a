import { eventOf } from '../../../src/adapters/freeswitch-esl/parse.ts';
import { type Piece, replay } from '../../support/freeswitch-replay.ts';

type Headers = Readonly<Record<string, string>>;

/** A channel of a switch that is played by hand. */
export interface Channel {
  readonly uuid: string;
  readonly headers: Headers;
}

/**
 * Events as FreeSWITCH 1.10 writes them, for flows that no recording has: written by hand, one method per event, a step of
 * 100 ms between the calls of `wait`.
 */
export class Exchange {
  readonly #pieces: Piece[] = [];
  #now = 100;
  #count = 0;

  /** Time passes. Milliseconds. */
  wait(ms = 1_000): this {
    this.#now += ms;
    return this;
  }

  /** A call from outside to a number. */
  trunkCalls(dialled: string, number = '+447700900123', name = 'Jane Doe', more: Headers = {}): Channel {
    return this.#channel('inbound', `sofia/external/${number}@192.0.2.1`, {
      'Caller-Caller-ID-Number': number,
      'Caller-Caller-ID-Name': name,
      'Caller-Destination-Number': dialled,
      ...more,
    });
  }

  /** A telephone dials. */
  phoneCalls(device: string, dialled: string): Channel {
    return this.#channel('inbound', `sofia/internal/${device}@pbx.test`, {
      'Channel-Presence-ID': `${device}@pbx.test`,
      'Caller-Caller-ID-Number': device,
      'Caller-Caller-ID-Name': device,
      'Caller-Destination-Number': dialled,
    });
  }

  /** The switch calls a telephone for a channel. `dialled`: what that channel is at in the dialplan. */
  callsPhone(caller: Channel, device: string, dialled = device, more: Headers = {}): Channel {
    return this.#called(caller, `sofia/internal/${device}@192.0.2.9:5060`, dialled, {
      'Channel-Presence-ID': `${device}@pbx.test`,
      'Caller-Destination-Number': device,
      ...more,
    });
  }

  /** The switch calls out over a trunk. */
  callsOut(caller: Channel, number: string): Channel {
    return this.#called(caller, `sofia/external/${number}`, number, { 'Caller-Destination-Number': number });
  }

  /** The switch calls a telephone for nobody's channel. */
  originates(device: string, more: Headers = {}): Channel {
    return this.#channel('outbound', `sofia/internal/${device}@192.0.2.9:5060`, {
      'Channel-Presence-ID': `${device}@pbx.test`,
      'Caller-Destination-Number': device,
      ...more,
    });
  }

  /** Both halves of a loopback channel: the called one, and the one that goes through the dialplan. */
  loopback(caller: Channel, dialled: string): readonly [Channel, Channel] {
    const a = `loopback-a-${++this.#count}`;
    const b = `loopback-b-${this.#count}`;
    const other = { 'Other-Type': 'originator', 'Other-Leg-Unique-ID': caller.uuid };
    const base = { 'Caller-Destination-Number': dialled };
    const first = this.#begin(a, 'outbound', `loopback/${dialled}-a`, {
      ...base,
      ...other,
      variable_other_loopback_leg_uuid: b,
    });
    const second = this.#begin(b, 'inbound', `loopback/${dialled}-b`, { ...base, variable_other_loopback_leg_uuid: a });
    return [first, second];
  }

  /** A called telephone rings. */
  rings(channel: Channel): this {
    this.tell('CHANNEL_PROGRESS', channel);
    return this.tell('CHANNEL_CALLSTATE', channel, { 'Channel-Call-State': 'RINGING' });
  }

  /** A channel is answered. */
  answers(channel: Channel, more: Headers = {}): this {
    this.tell('CHANNEL_ANSWER', channel, { 'Answer-State': 'answered', ...more });
    return this.tell('CHANNEL_CALLSTATE', channel, { 'Channel-Call-State': 'ACTIVE' });
  }

  /** Two channels hear each other. */
  bridges(a: Channel, b: Channel): this {
    const ids = { 'Bridge-A-Unique-ID': a.uuid, 'Bridge-B-Unique-ID': b.uuid, 'Other-Leg-Unique-ID': b.uuid };
    return this.tell('CHANNEL_BRIDGE', a, ids);
  }

  /** The called channel answers, then its caller's, then they are bridged. */
  connects(a: Channel, b: Channel): this {
    return this.answers(b).answers(a).bridges(a, b);
  }

  /** They hear each other no more. */
  unbridges(a: Channel, b: Channel, more: Headers = {}): this {
    return this.tell('CHANNEL_UNBRIDGE', a, { 'Bridge-A-Unique-ID': a.uuid, 'Bridge-B-Unique-ID': b.uuid, ...more });
  }

  /** A telephone holds, and comes back. */
  holds(channel: Channel): this {
    this.tell('CHANNEL_CALLSTATE', channel, { 'Channel-Call-State': 'HELD' });
    return this.tell('CHANNEL_HOLD', channel);
  }

  /** The far end of a channel hangs up, cancels or refuses. */
  leaves(channel: Channel, cause = 'NORMAL_CLEARING', more: Headers = {}): this {
    const how =
      cause === 'NORMAL_CLEARING' ? 'recv_bye' : cause === 'ORIGINATOR_CANCEL' ? 'recv_cancel' : 'recv_refuse';
    return this.#ends(channel, cause, { variable_sip_hangup_disposition: how, ...more });
  }

  /** The switch ends a channel. */
  ends(channel: Channel, cause = 'NORMAL_CLEARING', more: Headers = {}): this {
    return this.#ends(channel, cause, more);
  }

  /** Any event of a channel. */
  tell(name: string, channel: Channel, more: Headers = {}): this {
    return this.event({ 'Event-Name': name, 'Unique-ID': channel.uuid, ...channel.headers, ...more });
  }

  /** Any event. */
  event(headers: Headers): this {
    const event = eventOf('text/event-json', JSON.stringify(headers));
    if (event !== undefined) this.#pieces.push({ timeMs: this.#now, event });
    return this;
  }

  /** What was told of a line: its calls, each with its states in short and the facts that a history has. */
  async calls(): Promise<Record<string, { readonly states: string; readonly [fact: string]: unknown }[]>> {
    const { told, illegalEvents, left } = await replay(this.#pieces);
    if (illegalEvents > 0) throw new Error(`${illegalEvents} illegal events`);
    if (left.calls > 0 || left.channels > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
    return Object.fromEntries(
      Object.entries(told).map(([line, calls]) => [
        line,
        calls.map(({ states, talkStart: _, end: __, answered: ___, ...facts }) => ({
          ...facts,
          states: states
            .map(({ local, remote, remoteParty }) => stateText(local, remote, remoteParty?.number))
            .join(' '),
        })),
      ]),
    );
  }

  #called(caller: Channel, name: string, dialled: string, more: Headers): Channel {
    return this.#channel('outbound', name, {
      'Caller-Caller-ID-Number': caller.headers['Caller-Caller-ID-Number'] ?? '',
      'Other-Type': 'originator',
      'Other-Leg-Unique-ID': caller.uuid,
      'Other-Leg-Destination-Number': dialled,
      ...more,
    });
  }

  #channel(direction: 'inbound' | 'outbound', name: string, headers: Headers): Channel {
    return this.#begin(`channel-${++this.#count}`, direction, name, headers);
  }

  #begin(uuid: string, direction: 'inbound' | 'outbound', name: string, headers: Headers): Channel {
    const channel = { uuid, headers: { 'Channel-Name': name, 'Call-Direction': direction, ...headers } };
    if (direction === 'outbound') this.tell('CHANNEL_OUTGOING', channel);
    this.tell('CHANNEL_CREATE', channel);
    return channel;
  }

  #ends(channel: Channel, cause: string, more: Headers): this {
    const told = { 'Hangup-Cause': cause, ...more };
    this.tell('CHANNEL_HANGUP', channel, told);
    this.tell('CHANNEL_HANGUP_COMPLETE', channel, told);
    return this.tell('CHANNEL_DESTROY', channel, told);
  }
}

function stateText(local: string, remote: string | undefined, party: string | null | undefined): string {
  return `${local}:${remote ?? ''}${party === undefined ? '' : `=${party}`}`;
}
