import { OffhookError } from '../domain/error.ts';

/** A column: by its name in the header, or by its number from 1. */
export type ColumnRef = string | number;

/** Which column holds what. What is left out is not taken over. */
export interface ColumnMapping {
  /** What identifies a record across imports. Absent: made of the name and the numbers. */
  readonly id?: ColumnRef;
  readonly name?: ColumnRef;
  readonly firstName?: ColumnRef;
  readonly lastName?: ColumnRef;
  readonly organisation?: ColumnRef;
  readonly url?: ColumnRef;
  /** Columns of numbers, with the vCard TEL type of each; a number's type may also come from another column. */
  readonly numbers?: readonly { readonly column: ColumnRef; readonly type?: string; readonly typeColumn?: ColumnRef }[];
  /** Direct dial-in ranges: `+442079460400-499`. */
  readonly ranges?: readonly ColumnRef[];
  /** Further columns for screen pops, by the name of the field. */
  readonly fields?: Readonly<Record<string, ColumnRef>>;
}

/** A mapping with its columns found: places from 0. */
export interface ResolvedMapping {
  readonly id?: number;
  readonly name?: number;
  readonly firstName?: number;
  readonly lastName?: number;
  readonly organisation?: number;
  readonly url?: number;
  readonly numbers: readonly { readonly column: number; readonly type?: string; readonly typeColumn?: number }[];
  readonly ranges: readonly number[];
  readonly fields: readonly { readonly column: number; readonly name: string }[];
}

type Single = 'id' | 'name' | 'firstName' | 'lastName' | 'organisation' | 'url';
const SINGLE: readonly Single[] = ['id', 'name', 'firstName', 'lastName', 'organisation', 'url'];

/**
 * Headers by what they hold, folded (see {@link foldHeader}): of Outlook in four languages, of Google, of vCard
 * converters and
 * of plain lists. The first that a file has counts.
 */
const HEADERS: Readonly<Record<Single, readonly string[]>> = {
  id: [
    'id',
    'uid',
    'contactid',
    'contact',
    'recordid',
    'customerid',
    'customernumber',
    'customerno',
    'accountid',
    'kundennummer',
    'kundennr',
    'klantnummer',
    'numeroclient',
  ],
  name: [
    'name',
    'fullname',
    'displayname',
    'contactname',
    'fn',
    'fileas',
    'anzeigename',
    'naam',
    'weergavenaam',
    'nomcomplet',
    'nomaffiche',
    'nome',
  ],
  firstName: ['firstname', 'givenname', 'forename', 'vorname', 'voornaam', 'prenom'],
  lastName: ['lastname', 'familyname', 'surname', 'nachname', 'familienname', 'achternaam', 'nom', 'nomdefamille'],
  organisation: [
    'organisation',
    'organization',
    'company',
    'companyname',
    'org',
    'account',
    'accountname',
    'organizationname',
    'organization1name',
    'firma',
    'firmenname',
    'unternehmen',
    'bedrijf',
    'bedrijfsnaam',
    'societe',
    'entreprise',
    'azienda',
  ],
  url: [
    'url',
    'crmurl',
    'link',
    'recordurl',
    'website',
    'webpage',
    'website1value',
    'homepage',
    'webseite',
    'webpagina',
    'pageweb',
    'siteweb',
  ],
};

const RANGES = [
  'ddirange',
  'ddiranges',
  'ddi',
  'range',
  'numberrange',
  'durchwahlbereich',
  'rufnummernblock',
  'doorkiesreeks',
];

const NUMBER =
  /phone|telefo|telep|^tel|tel$|mobil|mobiel|cell|handy|^gsm|^fax|fax$|isdn|pager|durchwahl|extension|^ext$|toestel|nebenstelle|portable|rufnummer|^e164$|^(?:phone|caller)?number\d*$|^numbers$|^nummer\d*$|^numero\d*$/;
const NOT_NUMBER = /type$|label$|typ$|provider|model|email|mail/;

/** A header without case, accents, spaces and punctuation: `E-mail 2` as `email2`. */
export function foldHeader(header: string): string {
  return header
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/**
 * Finds out what the columns hold, by their headers.
 * @throws OffhookError `contacts.no-columns` where there is no column of names or none of numbers.
 */
export function detectMapping(columns: readonly string[]): ResolvedMapping {
  const folded = columns.map(foldHeader);
  const single = detectSingles(folded);
  const taken = new Set<number>(Object.values(single));
  const ranges = folded.flatMap((header, column) => (RANGES.includes(header) ? [column] : []));
  const numbers = folded.flatMap((header, column) => {
    if (taken.has(column) || ranges.includes(column) || !NUMBER.test(header) || NOT_NUMBER.test(header)) return [];
    const typeColumn = folded.findIndex((other) => isTypeOf(other, header));
    const type = typeOf(header);
    return [{ column, ...(type !== undefined && { type }), ...(typeColumn >= 0 && { typeColumn }) }];
  });
  return checked({ ...single, numbers, ranges, fields: [] }, columns);
}

function detectSingles(folded: readonly string[]): { -readonly [K in Single]?: number } {
  const found: { -readonly [K in Single]?: number } = {};
  for (const field of SINGLE) {
    for (const header of HEADERS[field]) {
      const column = folded.indexOf(header);
      if (column < 0) continue;
      found[field] = column;
      break;
    }
  }
  return found;
}

/** Google: `Phone 1 - Value` beside `Phone 1 - Type` or, since 2024, `Phone 1 - Label`. */
function isTypeOf(other: string, header: string): boolean {
  if (!header.endsWith('value')) return false;
  const stem = header.slice(0, -'value'.length);
  return other === `${stem}type` || other === `${stem}label`;
}

/** The vCard TEL type of a column, or of what a type column says. */
export function typeOf(text: string): string | undefined {
  const folded = foldHeader(text);
  if (/fax/.test(folded)) return 'fax';
  if (/mobil|mobiel|cell|handy|gsm|portable/.test(folded)) return 'cell';
  if (/extension|^ext$|toestel|nebenstelle|durchwahl/.test(folded)) return 'extension';
  if (/business|work|company|office|geschaft|buro|bureau|werk|zakelijk|main/.test(folded)) return 'work';
  if (/home|privat|domicile|thuis/.test(folded)) return 'home';
  return /pager/.test(folded) ? 'pager' : undefined;
}

/**
 * Finds the columns that a mapping names.
 * @throws OffhookError `contacts.no-columns`, with the field in `field`, where one does not exist.
 */
export function resolveMapping(mapping: ColumnMapping, columns: readonly string[]): ResolvedMapping {
  const place = (ref: ColumnRef, field: string): number => findColumn(ref, field, columns);
  const single: { -readonly [K in Single]?: number } = {};
  for (const field of SINGLE) {
    const ref = mapping[field];
    if (ref !== undefined) single[field] = place(ref, field);
  }
  const numbers = (mapping.numbers ?? []).map(({ column, type, typeColumn }, index) => ({
    column: place(column, `numbers[${index}].column`),
    ...(type !== undefined && { type }),
    ...(typeColumn !== undefined && { typeColumn: place(typeColumn, `numbers[${index}].typeColumn`) }),
  }));
  const ranges = (mapping.ranges ?? []).map((ref, index) => place(ref, `ranges[${index}]`));
  const fields = Object.entries(mapping.fields ?? {}).map(([name, ref]) => ({
    name,
    column: place(ref, `fields.${name}`),
  }));
  return checked({ ...single, numbers, ranges, fields }, columns);
}

function findColumn(ref: ColumnRef, field: string, columns: readonly string[]): number {
  const column = typeof ref === 'number' ? ref - 1 : columns.findIndex((name) => foldHeader(name) === foldHeader(ref));
  if (Number.isInteger(column) && column >= 0 && column < columns.length) return column;
  throw noColumns(`There is no column ${JSON.stringify(ref)}.`, columns, field);
}

function checked(mapping: ResolvedMapping, columns: readonly string[]): ResolvedMapping {
  const { name, firstName, lastName, organisation } = mapping;
  if ((name ?? firstName ?? lastName ?? organisation) === undefined) {
    throw noColumns('No column of names was found.', columns, 'name');
  }
  if (mapping.numbers.length === 0 && mapping.ranges.length === 0) {
    throw noColumns('No column of telephone numbers was found.', columns, 'numbers');
  }
  return mapping;
}

function noColumns(message: string, columns: readonly string[], field: string): OffhookError {
  const names = columns.map((name) => JSON.stringify(name.slice(0, 40)));
  return new OffhookError('contacts.no-columns', message, {
    field,
    remedy: `Name the columns yourself; the file has ${names.slice(0, 30).join(', ')}.`,
  });
}
