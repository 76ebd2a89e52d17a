/** A dialog-info document (RFC 4235) but for its version. */
export type LampBody = (version: number) => string;

/** How one vendor's PBX shows what goes on at a number. */
export interface Lamps {
  /** What is shown at this moment; none: a NOTIFY without a body. */
  bodyOf(number: string): LampBody | undefined;
  /** Whether the NOTIFY that answers a refresh, or is the last, has a new version. */
  readonly versionsAll: boolean;
  /** Whether the last NOTIFY of a subscription has a body. */
  readonly endsWithBody: boolean;
  /** The version of the first NOTIFY. */
  readonly firstVersion: number;
  /** Stops listening to the exchange. */
  stop(): void;
}

/** Told that a number is to be shown anew. `body`: as it was then. */
export type LampChanged = (number: string, body: LampBody | undefined) => void;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text inside an element or an attribute (XML 1.0 2.4); characters that XML has not are left out. */
export const xml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => ESCAPES[character]!);
