import { createHash } from 'node:crypto';
import type { ContactNumber } from '../domain/contact.ts';
import type { CallableNumber } from '../domain/number.ts';
import {
  type IndexedContact,
  isPossibleNumber,
  isWebAddress,
  type NumberingPlan,
  normalise,
} from '../recognition/index.ts';
import { readRange } from './ddi-range.ts';
import { type ResolvedMapping, typeOf } from './mapping.ts';
import type { Rejection, RejectionCode, SourceRow } from './port.ts';

/** A longer value of a column that is taken over is a mistake, or meant to do harm. */
const MAX_VALUE = 1_024;
/** More numbers in one contact are a list in the wrong place. */
const MAX_NUMBERS = 64;

/** Makes contacts of rows. Without a contact, one of the rejections is of the whole row. */
export interface RowReader {
  read(row: SourceRow): { readonly contact?: IndexedContact; readonly rejections: readonly Rejection[] };
}

/** What a row reader must know. */
export interface RowReaderOptions {
  readonly source: string;
  readonly plan: NumberingPlan;
  readonly mapping: ResolvedMapping;
  readonly columns: readonly string[];
}

/** Makes a {@link RowReader}. */
export function rowReader(options: RowReaderOptions): RowReader {
  return { read: (row) => new RowReading(row, options).read() };
}

class RowReading {
  readonly #row: SourceRow;
  readonly #options: RowReaderOptions;
  readonly #rejections: Rejection[] = [];

  constructor(row: SourceRow, options: RowReaderOptions) {
    this.#row = row;
    this.#options = options;
  }

  read(): { contact?: IndexedContact; rejections: readonly Rejection[] } {
    const tooLarge = this.#tooLarge();
    if (tooLarge !== undefined)
      return {
        rejections: [this.#reject('row', 'too-large', tooLarge, `The value is longer than ${MAX_VALUE} characters.`)],
      };
    const organisation = this.#text(this.#options.mapping.organisation);
    const name = this.#name() || organisation;
    if (name === '') return this.#refused('no-name', 'The row has neither a name nor an organisation.');
    const numbers = this.#numbers();
    const ranges = this.#ranges();
    if (numbers.length === 0 && ranges.length === 0) return this.#withoutNumber();
    return { contact: this.#contact(name, organisation, numbers, ranges), rejections: this.#rejections };
  }

  #contact(
    name: string,
    organisation: string,
    numbers: ContactNumber[],
    ranges: NonNullable<IndexedContact['ranges']>,
  ): IndexedContact {
    const { source, mapping } = this.#options;
    const url = this.#url();
    const fields = Object.fromEntries(
      mapping.fields.map(({ name, column }) => [name, this.#text(column)]).filter(([, value]) => value !== ''),
    );
    return {
      id: this.#text(mapping.id) || derivedId(name, organisation, numbers, ranges),
      source,
      name,
      ...(organisation !== '' && { organisation }),
      numbers,
      ...(url !== undefined && { url }),
      ...(Object.keys(fields).length > 0 && { fields }),
      ...(ranges.length > 0 && { ranges }),
    };
  }

  /**
   * Spreadsheets and other programs put anything into cells. It stays text, `=cmd()` too; only control characters go.
   */
  #text(column: number | undefined): string {
    const value = column === undefined ? undefined : this.#row.values[column];
    return value === undefined ? '' : value.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  }

  #name(): string {
    const { name, firstName, lastName } = this.#options.mapping;
    return this.#text(name) || `${this.#text(firstName)} ${this.#text(lastName)}`.trim();
  }

  #tooLarge(): number | undefined {
    const { numbers, ranges, fields, ...single } = this.#options.mapping;
    const columns = [
      ...Object.values(single),
      ...numbers.map(({ column }) => column),
      ...ranges,
      ...fields.map(({ column }) => column),
    ];
    return columns.find((column) => (this.#row.values[column]?.length ?? 0) > MAX_VALUE);
  }

  #numbers(): ContactNumber[] {
    const numbers: ContactNumber[] = [];
    for (const { column, type, typeColumn } of this.#options.mapping.numbers) {
      const value = this.#row.values[column];
      if (value === undefined || value.trim() === '') continue;
      const kind = (typeColumn === undefined ? undefined : typeOf(this.#text(typeColumn))) ?? type;
      for (const raw of splitNumbers(value, (text) => isNumberOf(text, this.#options.plan))) {
        const number = this.#number(raw, column);
        if (number === undefined || numbers.some((other) => isSame(other, number))) continue;
        if (numbers.length === MAX_NUMBERS) {
          this.#reject('value', 'too-many-fields', column, `A contact has at most ${MAX_NUMBERS} numbers.`);
          return numbers;
        }
        numbers.push({ ...number, ...(kind !== undefined && { type: kind }) });
      }
    }
    return numbers;
  }

  #number(raw: string, column: number): ContactNumber | undefined {
    if (/^[0-9]+[.,][0-9]+e\+?[0-9]+$/iu.test(raw)) {
      this.#reject(
        'value',
        'number-rounded',
        column,
        `${quoted(raw)} was rounded by a spreadsheet; its digits are lost.`,
      );
      return undefined;
    }
    const number = normalise(raw, this.#options.plan);
    if (number.kind === 'e164' && !number.valid && !isPossibleNumber(number.e164)) {
      this.#reject('value', 'number-impossible', column, `${quoted(raw)}: numbers of its country have another length.`);
      return undefined;
    }
    const kept = asContactNumber(raw, number);
    if (kept === undefined) this.#reject('value', 'number-unusable', column, `${quoted(raw)} is no telephone number.`);
    return kept;
  }

  #ranges(): NonNullable<IndexedContact['ranges']>[number][] {
    return this.#options.mapping.ranges.flatMap((column) => {
      return this.#text(column)
        .split(/[;|]/)
        .filter((text) => text.trim() !== '')
        .flatMap((text) => {
          const range = readRange(text, this.#options.plan);
          if (range === undefined)
            this.#reject('value', 'range-unusable', column, `${quoted(text)} is no range of numbers.`);
          return range ?? [];
        });
    });
  }

  #url(): string | undefined {
    const column = this.#options.mapping.url;
    const text = this.#text(column);
    if (text === '') return undefined;
    // Address books keep `www.example.com`.
    const url = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#].*)?$/iu.test(text) ? `https://${text}` : text;
    if (isWebAddress(url)) return url;
    this.#reject('value', 'url-refused', column, `${quoted(text)} is not an http or https address.`);
    return undefined;
  }

  #withoutNumber(): { rejections: readonly Rejection[] } {
    const [first] = this.#rejections;
    if (first === undefined) return this.#refused('no-number', 'The row has no number.');
    // What was wrong with the numbers is what is wrong with the row.
    return { rejections: this.#rejections.map((rejection) => ({ ...rejection, scope: 'row' as const })).slice(0, 1) };
  }

  #refused(code: RejectionCode, reason: string): { rejections: readonly Rejection[] } {
    return { rejections: [this.#reject('row', code, undefined, reason)] };
  }

  #reject(scope: Rejection['scope'], code: RejectionCode, column: number | undefined, reason: string): Rejection {
    const name = column === undefined ? undefined : this.#options.columns[column];
    const rejection = { line: this.#row.line, ...(name !== undefined && { column: name }), code, reason, scope };
    this.#rejections.push(rejection);
    return rejection;
  }
}

/**
 * The numbers of one cell: `020 7946 0991 / 020 7946 0992`, Google's ` ::: `, Excel's `="020…"` and the `.0` of
 * programs that
 * take numbers for fractions.
 */
function splitNumbers(value: string, isNumber: (text: string) => boolean): string[] {
  if (/^\+?[0-9]+$/.test(value)) return [value];
  return value
    .split(/:::|[\n\r|]|;(?!\s*(?:ext|isub|phone-context|user)\s*=)|,\s+(?=[+0(])/u)
    .flatMap((part) => splitAtSlashes(part, isNumber))
    .map((part) =>
      part
        .trim()
        .replace(/^="(.*)"$/u, '$1')
        .replace(/^(\+?[0-9]{5,})[.,]0$/u, '$1'),
    )
    .filter((part) => part !== '');
}

/** A slash stands between two numbers, or behind an area code, which is no number by itself: `0171 / 392 00 12`. */
function splitAtSlashes(text: string, isNumber: (text: string) => boolean): string[] {
  const parts: string[] = [];
  for (const part of text.split(/\s\/\s/u)) {
    const before = parts.at(-1);
    const belongs = before !== undefined && /^\s*\(?[+0]/u.test(before) && !isNumber(before);
    if (belongs && isNumber(`${before} ${part}`)) parts[parts.length - 1] = `${before} / ${part}`;
    else parts.push(part);
  }
  return parts;
}

function isNumberOf(text: string, plan: NumberingPlan): boolean {
  const number = normalise(text, plan);
  return number.kind === 'e164' && number.valid;
}

function asContactNumber(raw: string, number: CallableNumber): ContactNumber | undefined {
  switch (number.kind) {
    case 'e164':
      return { raw, e164: number.e164, ...(number.extension !== undefined && { extension: number.extension }) };
    case 'extension':
      return { raw, e164: null, extension: number.extension };
    case 'shortCode':
      return { raw, e164: null };
    default:
      return undefined;
  }
}

function isSame(a: ContactNumber, b: ContactNumber): boolean {
  return a.e164 === b.e164 && a.extension === b.extension && (a.e164 !== null || a.raw === b.raw);
}

/** The same for the same name and numbers, so that a later import of a file without ids finds its contacts again. */
function derivedId(
  name: string,
  organisation: string,
  numbers: readonly ContactNumber[],
  ranges: NonNullable<IndexedContact['ranges']>,
): string {
  const keys = numbers.map(({ raw, e164, extension }) => `${e164 ?? raw};${extension ?? ''}`);
  const text = [name, organisation, ...keys, ...ranges.map(({ first }) => first)].join('\u0000');
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function quoted(text: string): string {
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return JSON.stringify(printable.length > 60 ? `${printable.slice(0, 59)}…` : printable);
}
