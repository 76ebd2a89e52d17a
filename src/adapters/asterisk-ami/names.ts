/** What a channel's name tells: `PJSIP/1001-0000002a`, `Local/1002@internal-00000003;2`. */
export interface ChannelName {
  readonly kind: 'endpoint' | 'local' | 'internal';
  /** `PJSIP/1001`: what the dialplan dials. Empty for channels of the switch's own. */
  readonly endpoint: string;
  /** `1001` of the example. */
  readonly resource: string;
  /** Local channels: which half, 1 or 2. */
  readonly half: 0 | 1 | 2;
  /** Local channels: the name without its half, the same for both. */
  readonly pair: string;
}

/** Technologies whose channels are not telephones: the switch talks to itself through them. */
const INTERNAL = new Set([
  'Announcer',
  'AsyncGoto',
  'Bridge',
  'CBAnn',
  'CBRec',
  'Message',
  'MulticastRTP',
  'Recorder',
  'Snoop',
  'Surrogate',
  'UnicastRTP',
]);

/** Takes a channel's name apart. Any text is accepted; what is not understood is `internal`. */
export function parseChannelName(name: string): ChannelName {
  const slash = name.indexOf('/');
  const tech = slash < 0 ? '' : name.slice(0, slash);
  const dash = name.lastIndexOf('-');
  if (tech === 'Local') return localName(name);
  if (tech === '' || INTERNAL.has(tech) || name.includes('<ZOMBIE>')) {
    return { kind: 'internal', endpoint: '', resource: '', half: 0, pair: '' };
  }
  const end = dash > slash ? dash : name.length;
  return {
    kind: 'endpoint',
    endpoint: name.slice(0, end),
    resource: name.slice(slash + 1, end),
    half: 0,
    pair: '',
  };
}

function localName(name: string): ChannelName {
  const half = name.endsWith(';1') ? 1 : name.endsWith(';2') ? 2 : 0;
  const pair = half === 0 ? name : name.slice(0, -2);
  const at = name.indexOf('@');
  return { kind: 'local', endpoint: '', resource: name.slice(6, at < 0 ? undefined : at), half, pair };
}
