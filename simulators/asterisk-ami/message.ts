/** One header line. */
export type Header = readonly [name: string, value: string | number];

/** Writes headers as the manager interface does. A value that is empty leaves the space after the colon. */
export function writeMessage(headers: readonly Header[]): string {
  let text = '';
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** What a client asked for: header names in lower case, values in order. */
export class AmiRequest {
  readonly #headers: readonly (readonly [string, string])[];

  /** Why it cannot be read whole. */
  readonly problem: string | undefined;

  constructor(headers: readonly (readonly [string, string])[], problem?: string) {
    this.#headers = headers;
    this.problem = problem;
  }

  /** The first value of a header, or an empty string. */
  get(name: string): string {
    const wanted = name.toLowerCase();
    return this.#headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? '';
  }

  /** All values of a header. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  }

  get headers(): readonly (readonly [string, string])[] {
    return this.#headers;
  }
}
