/** Which way speech goes, as a session description asks (RFC 3264 6.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Where the media of a call that only steers others goes: nobody listens there. */
const PORT = 40_000;

const FORMATS: readonly string[] = [
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
];

/**
 * A session description without media behind it, whose address is that of the server. `nowhere`: without an address (RFC 3725 5.4,
 * flow IV), so that the other side sends nothing yet.
 */
export function emptySession(host: string, version: number, direction: Direction | 'nowhere' = 'sendrecv'): string {
  const bare = host.replace(/:\d+$/, '').replace(/[[\]]/g, '');
  const kind = bare.includes(':') ? 'IP6' : 'IP4';
  const address = /^[0-9A-Fa-f.:]+$/.test(bare) ? bare : '127.0.0.1';
  const media = direction === 'nowhere' ? '0.0.0.0' : address;
  const way = direction === 'nowhere' ? 'inactive' : direction;
  const lines = [
    'v=0',
    `o=- 1 ${version} IN ${kind} ${address}`,
    's=-',
    `c=IN ${direction === 'nowhere' ? 'IP4' : kind} ${media}`,
    't=0 0',
    `m=audio ${PORT} RTP/AVP 0 8 101`,
    ...FORMATS,
    `a=${way}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Whether whoever sent this holds the call: sends nothing that the other should hear, or says so in the old way (RFC 2543). */
export function holds(sdp: string): boolean {
  if (sdp === '') return false;
  return /^a=(?:sendonly|inactive)\s*$/m.test(sdp) || /^c=IN IP4 0\.0\.0\.0\s*$/m.test(sdp);
}

/** What is answered to an offer of that direction. */
export function answerTo(offer: string): Direction {
  if (/^a=inactive\s*$/m.test(offer)) return 'inactive';
  if (/^a=sendonly\s*$/m.test(offer) || /^c=IN IP4 0\.0\.0\.0\s*$/m.test(offer)) return 'recvonly';
  return /^a=recvonly\s*$/m.test(offer) ? 'sendonly' : 'sendrecv';
}
