import { headersOf, type RecordedMessage } from './recordings.ts';

/** What a switch would answer to CoreShowChannels, Status and ParkedCalls at a point of a recording. */
export interface SwitchState {
  readonly channels: string[];
  readonly status: string[];
  readonly parked: string[];
}

interface Channel {
  readonly fields: Map<string, string>;
  readonly firstExten: string;
  application: string;
  data: string;
  bridge: string;
}

const COPIED = [
  'ChannelState',
  'ChannelStateDesc',
  'CallerIDNum',
  'CallerIDName',
  'ConnectedLineNum',
  'ConnectedLineName',
];

/**
 * An observer of a recording that keeps the switch's own table of channels, by the plainest reading of its events: who is
 * there, in which state, in which bridge, in which application. It knows nothing of calls. It stands for the PBX that
 * answers a snapshot.
 */
export class SwitchOracle {
  readonly #channels = new Map<string, Channel>();
  readonly #parked = new Map<string, string>();

  /** Reads one message. */
  read({ text }: RecordedMessage): void {
    const headers = new Map(headersOf(text).reverse());
    const event = headers.get('Event');
    const uid = headers.get('Uniqueid');
    if (event === undefined || headers.has('ActionID')) return;
    this.#park(event, headers, text);
    if (uid === undefined) return;
    if (event === 'Hangup') {
      this.#channels.delete(uid);
      this.#parked.delete(uid);
      return;
    }
    const channel = this.#channels.get(uid) ?? this.#begin(uid, headers, event);
    if (channel === undefined) return;
    for (const name of ['Channel', 'Context', 'Exten', 'Priority', 'Linkedid', ...COPIED]) {
      const value = headers.get(name);
      if (value !== undefined) channel.fields.set(name, value);
    }
    if (event === 'Newexten') {
      channel.application = headers.get('Application') ?? '';
      channel.data = headers.get('AppData') ?? '';
    }
    if (event === 'BridgeEnter') channel.bridge = headers.get('BridgeUniqueid') ?? '';
    if (event === 'BridgeLeave') channel.bridge = '';
  }

  /** The answers, as messages without their ActionID. */
  state(): SwitchState {
    const channels: string[] = [];
    const status: string[] = [];
    for (const [uid, channel] of this.#channels) {
      const own = [...channel.fields].map(([name, value]) => `${name}: ${value}`).join('\r\n');
      const rest = `Application: ${channel.application}\r\nApplicationData: ${channel.data}\r\nDuration: 00:00:01\r\nBridgeId: ${channel.bridge}`;
      channels.push(`Event: CoreShowChannel\r\n${own}\r\nUniqueid: ${uid}\r\n${rest}\r\n\r\n`);
      const dnid = channel.firstExten === 's' ? '' : channel.firstExten;
      status.push(`Event: Status\r\nPrivilege: Call\r\n${own}\r\nUniqueid: ${uid}\r\nDNID: ${dnid}\r\n\r\n`);
    }
    return { channels, status, parked: [...this.#parked.values()] };
  }

  #begin(uid: string, headers: Map<string, string>, event: string): Channel | undefined {
    if (event !== 'Newchannel') return undefined;
    const channel: Channel = {
      fields: new Map(),
      firstExten: headers.get('Exten') ?? '',
      application: '',
      data: '',
      bridge: '',
    };
    this.#channels.set(uid, channel);
    return channel;
  }

  #park(event: string, headers: Map<string, string>, text: string): void {
    const parkee = headers.get('ParkeeUniqueid');
    if (parkee === undefined) return;
    if (event === 'ParkedCall') this.#parked.set(parkee, text);
    if (event === 'UnParkedCall' || event === 'ParkedCallTimeOut' || event === 'ParkedCallGiveUp')
      this.#parked.delete(parkee);
  }
}
