/** A message of the manager interface, cut into its headers. */
export interface Message {
  readonly name: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** Cuts a message into its headers. */
export function parseMessage(text: string): Message {
  const headers = text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    });
  return { name: headers[0]?.[0] === 'Event' ? headers[0][1] : '', headers };
}

/** The first value of a header. */
export const headerOf = ({ headers }: Message, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1];
