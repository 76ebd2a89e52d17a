// The sub-path `offhook/sources`.
export { type CsvOptions, csvSource } from './csv/csv-source.ts';
export { type ImportOptions, type ImportProgress, type ImportResult, importContacts, importFrom } from './import.ts';
export { type ColumnMapping, type ColumnRef, detectMapping } from './mapping.ts';
export type { ContactSource, Rejection, RejectionCode, SourceBatch, SourceReader, SourceRow } from './port.ts';
