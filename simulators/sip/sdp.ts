/** How media flow, as who describes them has it (RFC 3264 5.1); none: the attribute is left out. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | 'none';

/** What is different in the descriptions of different PBXs. */
export interface SdpParts {
  readonly owner: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `m=` formats and everything from `a=` on but the direction. */
  readonly formats: string;
  readonly attributes: readonly string[];
  readonly direction?: Direction;
}

/** A description of a call's media (RFC 8866). */
export function sdpOf({ owner, name, host, port, formats, attributes, direction = 'none' }: SdpParts): string {
  const lines = [
    'v=0',
    `o=${owner} IN IP4 ${host}`,
    `s=${name}`,
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats}`,
    ...attributes.map((attribute) => `a=${attribute}`),
    ...(direction === 'none' ? [] : [`a=${direction}`]),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The direction in which who is offered a description answers (RFC 3264 6.1). */
export function answerTo(offer: string): Direction {
  if (/^a=inactive\s*$/m.test(offer)) return 'inactive';
  return isHold(offer) ? 'recvonly' : 'sendrecv';
}

/** A description with another direction. */
export function directed(sdp: string, direction: Direction): string {
  const without = sdp.replace(/^a=(?:sendrecv|sendonly|recvonly|inactive)\r\n/m, '');
  return without === '' ? '' : `${without}a=${direction}\r\n`;
}

/** Whether who sent a description holds the call: it sends no media to be heard as before, or wants none (RFC 3264 8.4). */
export function isHold(sdp: string): boolean {
  if (/^a=(sendonly|inactive)\s*$/m.test(sdp)) return true;
  return /^c=IN IP4 0\.0\.0\.0\s*$/m.test(sdp);
}
