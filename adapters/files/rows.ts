import { parse } from 'csv-parse';
import { UserError } from '../../core/user-error.ts';
import { LINE_BYTES_MAX, openBytes, readLines } from './lines.ts';

export interface CsvForm {
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  /** With it the file has no heading line. */
  readonly columns?: readonly string[] | undefined;
}

export interface FileRow {
  readonly line: number;
  /** What the line says; undefined when it is no JSON. */
  readonly row: unknown;
  /** The line was longer than any that is read. */
  readonly isCut: boolean;
}

export function isCsvFile(file: string): boolean {
  return /\.csv(\.gz)?$/i.test(file);
}

/** The rows of a file, one by one, never as a whole: NDJSON, CSV by its name, or gzip of either. */
export async function* readRows(file: string, csv: CsvForm): AsyncGenerator<FileRow> {
  const bytes = await openBytes(file);
  yield* isCsvFile(file) ? csvRows(bytes, csv) : jsonRows(bytes);
}

async function* jsonRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileRow> {
  for await (const line of readLines(bytes)) {
    yield { line: line.number, row: line.isCut ? undefined : parseRow(line.bytes), isCut: line.isCut };
  }
}

async function* csvRows(bytes: NodeJS.ReadableStream, csv: CsvForm): AsyncGenerator<FileRow> {
  const parser = parse({
    columns: csv.columns === undefined ? true : [...csv.columns],
    delimiter: csv.delimiter ?? ',',
    quote: csv.quote ?? '"',
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: LINE_BYTES_MAX,
  });
  bytes.on('error', (error) => parser.destroy(error)).pipe(parser);
  for await (const { record, info } of parser) yield { line: info.lines, row: record, isCut: false };
}

function parseRow(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** What reading a file can run into, as people are told it; anything else as it is. */
export function asUserError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_')) return new UserError(`${file} is damaged gzip: ${code}; what came before it was read`);
  if (code.startsWith('CSV_') && error instanceof Error)
    return new UserError(`${file} is not readable CSV: ${error.message}`);
  return error;
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Row = Readonly<Record<string, unknown>>;
