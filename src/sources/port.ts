/** Why a row, or one value of it, was not taken. */
export type RejectionCode =
  | 'no-name' // neither a name nor an organisation
  | 'no-number' // no number column has a value
  | 'number-unusable' // no number, and no extension or short code of the site's plan either
  | 'number-impossible' // reads like a number, but its country has none of that length
  | 'number-rounded' // a spreadsheet wrote it as 4.42079E+11: its digits are lost
  | 'range-unusable' // no range of direct dial-in numbers
  | 'url-refused' // not an absolute http or https address
  | 'too-large' // a row or a value beyond the limits
  | 'too-many-fields' // more fields than the header and the limits allow
  | 'duplicate' // the same contact as an earlier row
  | 'malformed'; // breaks the rules of the format

/** One thing that was not taken over, told to whoever keeps the file. */
export interface Rejection {
  /** 1 for the first line of the file; where the row begins. For sources without lines: the number of the record. */
  readonly line: number;
  /** The column's name, where one value is to blame. */
  readonly column?: string;
  readonly code: RejectionCode;
  /** A sentence for people. Holds no text of the file but what is quoted and cut to 60 characters. */
  readonly reason: string;
  /** `row`: nothing of the row was taken. `value`: the contact was taken without this value. */
  readonly scope: 'row' | 'value';
}

/** One record, its values in the order of the columns. Missing values at the end are left out. */
export interface SourceRow {
  readonly line: number;
  readonly values: readonly string[];
}

/** What a reader hands out at a time. */
export interface SourceBatch {
  readonly rows: readonly SourceRow[];
  /** Rows that the format itself made unreadable. */
  readonly rejected: readonly Rejection[];
  /**
   * How far the reader is. Absent where the source cannot tell: then progress shows rows, but no share of the whole.
   */
  readonly bytesRead?: number;
}

/** A source that was opened: its columns are known. */
export interface SourceReader {
  readonly columns: readonly string[];
  /** Absent: progress shows no share of the whole. */
  readonly totalBytes?: number;
  /** The records from the first on; to be asked once. The next batch is read when it is asked for. */
  batches(): AsyncIterable<SourceBatch>;
}

/** Where contacts come from: what the folders beside this file implement. */
export interface ContactSource {
  /** What it is, for messages: `customers.csv`. */
  readonly title: string;
  /**
   * Opens the source and reads its columns.
   * @throws OffhookError `contacts.not-found`, `contacts.malformed`; the signal's reason when it is aborted.
   */
  open(signal?: AbortSignal): Promise<SourceReader>;
}
