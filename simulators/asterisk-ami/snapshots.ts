import type { Bridge } from '../model/bridge.ts';
import type { Leg } from '../model/leg.ts';
import type { Header } from './message.ts';
import type { ChannelNames } from './names.ts';
import { extenOf, uniqueIdOf } from './names.ts';
import { CHANNEL_STATES, escapeText } from './texts.ts';
import { variableOf } from './variables.ts';

/** Writes legs and bridges as the header blocks that are the same in all events. */
export class Snapshots {
  readonly names: ChannelNames;
  readonly #variables: readonly string[];

  /** `variables`: those of `channelvars` in manager.conf, told with every channel. */
  constructor(names: ChannelNames, variables: readonly string[]) {
    this.names = names;
    this.#variables = variables;
  }

  /** The header block of a channel; `Dest` and other prefixes tell several in one event apart. */
  channel(leg: Leg, prefix = ''): Header[] {
    const [state, description] = CHANNEL_STATES[leg.state];
    const p = prefix;
    return [
      [`${p}Channel`, this.names.nameOf(leg)],
      [`${p}ChannelState`, state],
      [`${p}ChannelStateDesc`, description],
      [`${p}CallerIDNum`, text(leg.caller.number)],
      [`${p}CallerIDName`, text(leg.caller.name)],
      [`${p}ConnectedLineNum`, text(leg.connected.number)],
      [`${p}ConnectedLineName`, text(leg.connected.name)],
      [`${p}Language`, 'en'],
      [`${p}AccountCode`, ''],
      [`${p}Context`, leg.place.context],
      [`${p}Exten`, extenOf(leg.place)],
      [`${p}Priority`, leg.place.priority],
      [`${p}Uniqueid`, uniqueIdOf(leg)],
      [`${p}Linkedid`, uniqueIdOf(leg.linked)],
      ...this.variables(leg, `${p}ChanVariable`),
    ];
  }

  variables(leg: Leg, header: string): Header[] {
    return this.#variables.map((name) => [header, `${name}=${escapeText(variableOf(leg, name) ?? '')}`]);
  }

  /** The header block of a bridge; `size` where it is told as it was before. */
  bridge(bridge: Bridge, prefix = '', size = bridge.size): Header[] {
    const [type, technology, creator] = BRIDGE_WORDS[bridge.kind];
    return [
      [`${prefix}BridgeUniqueid`, bridge.id],
      [`${prefix}BridgeType`, type],
      [`${prefix}BridgeTechnology`, technology],
      [`${prefix}BridgeCreator`, creator],
      [`${prefix}BridgeName`, text(bridge.name)],
      [`${prefix}BridgeNumChannels`, size],
      [`${prefix}BridgeVideoSourceMode`, 'none'],
    ];
  }
}

const BRIDGE_WORDS = {
  basic: ['basic', 'simple_bridge', '<unknown>'],
  parking: ['parking', 'holding_bridge', 'Parking'],
  conference: ['base', 'softmix', 'ConfBridge'],
} as const;

/** Absent is written as a word. */
const text = (value: string | null): string => (value === null || value === '' ? '<unknown>' : escapeText(value));
