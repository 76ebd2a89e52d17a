import { SaxesParser, type SaxesTagPlain } from 'saxes';

/** The states of a dialog (RFC 4235 3.7.1). Switches write them in any case. */
export type DialogState = 'trying' | 'proceeding' | 'early' | 'confirmed' | 'terminated';

/** One of the two ends of a dialog, as the notifier writes it. Text that somebody else chose. */
export interface DialogParty {
  /** A URI: `sip:1001@pbx.example.org`. */
  readonly identity?: string;
  readonly display?: string;
}

/** One dialog of a dialog-info document. */
export interface DialogInfoDialog {
  readonly id: string;
  readonly callId?: string;
  readonly direction?: 'initiator' | 'recipient';
  readonly state: DialogState;
  /** Why it came to this state: `cancelled`, `rejected`, `local-bye` (RFC 4235 4.1.2); no recorded switch tells it. */
  readonly event?: string;
  /** The status of the final response that ended it. */
  readonly code?: number;
  readonly remote: DialogParty;
  readonly local: DialogParty;
  /** False: `+sip.rendering` is `no` at the local side: nothing is played there (RFC 4235 3.6.2). */
  readonly isRendering: boolean;
}

/** A dialog-info document (RFC 4235). */
export interface DialogInfo {
  /** The user whose dialogs they are: `1001` of `sip:1001@pbx.example.org`. */
  readonly user: string;
  /** True: it names all that the notifier knows of; false: what changed. */
  readonly isFull: boolean;
  readonly dialogs: readonly DialogInfoDialog[];
}

/** Longest document that is read, in characters; deepest nesting; most dialogs; longest text. */
const MAX_LENGTH = 262_144;
const MAX_DEPTH = 16;
const MAX_DIALOGS = 200;
const MAX_TEXT = 2_048;

const STATES: ReadonlySet<string> = new Set(['trying', 'proceeding', 'early', 'confirmed', 'terminated']);

/**
 * Reads a dialog-info document; `undefined` where it is none, is malformed, or exceeds the bounds. A document type declaration is
 * refused, so there are no entities but the five of XML itself.
 */
export function parseDialogInfo(text: string): DialogInfo | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const reader = new Reader();
  const parser = new SaxesParser();
  parser.on('error', refuse);
  parser.on('doctype', refuse);
  parser.on('opentag', (tag) => reader.open(tag));
  parser.on('closetag', () => reader.close());
  parser.on('text', (content) => reader.text(content));
  try {
    parser.write(text.replace(/^[\s\uFEFF]+/, '')).close();
  } catch {
    return undefined;
  }
  return reader.document;
}

function refuse(): never {
  throw new Error('refused');
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface OpenDialog extends Omit<Writable<DialogInfoDialog>, 'state' | 'remote' | 'local'> {
  state?: DialogState;
  readonly remote: Writable<DialogParty>;
  readonly local: Writable<DialogParty>;
}

/** Gathers what the elements say. */
class Reader {
  readonly #path: string[] = [];
  readonly #dialogs: DialogInfoDialog[] = [];
  #root: { user: string; isFull: boolean } | undefined;
  #dialog: OpenDialog | undefined;
  #text = '';

  get document(): DialogInfo | undefined {
    return this.#root === undefined ? undefined : { ...this.#root, dialogs: this.#dialogs };
  }

  open({ name, attributes }: SaxesTagPlain): void {
    const local = localName(name);
    if (this.#path.push(local) > MAX_DEPTH) refuse();
    this.#text = '';
    const given = new Map(Object.entries(attributes).map(([key, value]) => [localName(key), value.slice(0, MAX_TEXT)]));
    if (this.#path.length === 1) this.#begin(local, given);
    else if (this.#at('dialog')) this.#dialog = opened(given);
    else if (this.#dialog !== undefined) attribute(this.#dialog, this.#path.slice(2), given);
  }

  text(content: string): void {
    if (this.#text.length < MAX_TEXT) this.#text += content.slice(0, MAX_TEXT);
  }

  close(): void {
    const dialog = this.#dialog;
    if (dialog !== undefined) {
      if (this.#at('dialog')) this.#finish(dialog);
      else closed(dialog, this.#path.slice(2), this.#text.trim());
    }
    this.#path.pop();
    this.#text = '';
  }

  #at(name: string): boolean {
    return this.#path.length === 2 && this.#path[1] === name;
  }

  #begin(name: string, given: ReadonlyMap<string, string>): void {
    if (name !== 'dialog-info') refuse();
    const user = /^(?:sips?|tel):([^@;>]*)/i.exec(given.get('entity') ?? '')?.[1] ?? '';
    this.#root = { user, isFull: given.get('state')?.toLowerCase() !== 'partial' };
  }

  /** A dialog that says no state says nothing. */
  #finish(dialog: OpenDialog): void {
    this.#dialog = undefined;
    const { state } = dialog;
    if (state === undefined) return;
    if (this.#dialogs.length >= MAX_DIALOGS) refuse();
    this.#dialogs.push({ ...dialog, state });
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function opened(given: ReadonlyMap<string, string>): OpenDialog {
  const callId = given.get('call-id');
  const direction = given.get('direction')?.toLowerCase();
  return {
    id: given.get('id') ?? '',
    ...(callId === undefined || callId === '' ? {} : { callId }),
    ...(direction === 'initiator' || direction === 'recipient' ? { direction } : {}),
    ...{ remote: {}, local: {}, isRendering: true },
  };
}

/** An element inside of a dialog begins. `path`: from the dialog down. */
function attribute(dialog: OpenDialog, path: readonly string[], given: ReadonlyMap<string, string>): void {
  const [side, element, parameter] = path;
  if (side === 'state' && path.length === 1) {
    const event = given.get('event')?.toLowerCase();
    const code = /^[1-6]\d\d$/.exec(given.get('code') ?? '')?.[0];
    if (event !== undefined) dialog.event = event;
    if (code !== undefined) dialog.code = Number(code);
  } else if (side === 'remote' || side === 'local') {
    const display = given.get('display');
    if (element === 'identity' && display !== undefined) dialog[side].display = display;
    // RFC 4235 writes pval in its examples; Asterisk and FreeSWITCH pvalue.
    const isRendering =
      side === 'local' && parameter === 'param' && /^\+?sip\.rendering$/i.test(given.get('pname') ?? '');
    if (isRendering) dialog.isRendering = (given.get('pval') ?? given.get('pvalue') ?? '').toLowerCase() !== 'no';
  }
}

/** An element inside of a dialog ends, and had this text. */
function closed(dialog: OpenDialog, [side, element]: readonly string[], text: string): void {
  if (side === 'state' && element === undefined) {
    const state = text.toLowerCase();
    if (STATES.has(state)) dialog.state = state as DialogState;
  } else if ((side === 'remote' || side === 'local') && element === 'identity' && text !== '') {
    dialog[side].identity = text;
  }
}
