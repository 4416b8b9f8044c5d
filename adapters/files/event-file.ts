import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type ParseResult, parseEvent } from '../../core/events/parse-event.ts';
import { partitionKeyOf } from '../../core/events/partition-key.ts';
import { NOT_YET_SIGNED } from '../../core/events/signatures.ts';
import type { EventRules } from '../../core/events/source.ts';
import { UserError } from '../../core/user-error.ts';
import type { EventMap } from './event-map.ts';
import { checkFile, LINE_BYTES_MAX, openBytes, readLines } from './lines.ts';
import { mapRow } from './map-row.ts';
import { asUserError, isCsvFile, isRow, readRows } from './rows.ts';

export interface FileRecord {
  readonly kind: 'record';
  readonly line: number;
  readonly bytes: Uint8Array;
  readonly partitionKey: string;
  /** What the deployed code will make of it, found by the same function. */
  readonly parsed: ParseResult;
}

/** What one line of a file becomes. Only a record travels; the others are counted and reported. */
export type FileEntry =
  | FileRecord
  | { readonly kind: 'skipped'; readonly line: number; readonly reason: string }
  | { readonly kind: 'unsendable'; readonly line: number; readonly detail: string };

export interface EventFile {
  readonly file: string;
  /** By the same registry the deployed code decides what a source may send. */
  readonly sources: EventRules;
  /** Without a map the lines are payment events as they are. */
  readonly map?: EventMap | undefined;
  /** Stops after so many lines that say something. */
  readonly limit?: number | undefined;
}

/** @throws UserError when there are no events to read, whatever they are: before a deployment is looked up for them. */
export function checkEventFile(file: string): void {
  checkFile(file);
  if (statSync(file).size === 0) throw new UserError(`${file} is empty; there is nothing to replay`);
}

/**
 * Reads a file of events line by line, never as a whole: NDJSON, CSV (by its name `.csv` or a map's `csv.columns`), or
 * gzip of either. Without a map even a broken line is a record, so that the stream's own quarantine accounts for it.
 */
export async function* readEventFile({ file, sources, map, limit = Infinity }: EventFile): AsyncGenerator<FileEntry> {
  if (isCsvFile(file) && map === undefined)
    throw new UserError(`${file} is CSV; say what its columns mean with --map MAP.json (docs/replay.md)`);
  checkEventFile(file);
  const entries = map === undefined ? eventLines(file, sources) : mappedRows(file, { map, sources });
  let count = 0;
  try {
    for await (const entry of entries) {
      if (count === limit) return;
      count += 1;
      yield entry;
    }
  } catch (error) {
    throw asUserError(error, file);
  }
  if (count === 0) throw new UserError(`${file} has no events; there is nothing to replay`);
}

async function* eventLines(file: string, sources: EventRules): AsyncGenerator<FileEntry> {
  for await (const line of readLines(await openBytes(file))) {
    yield line.isCut ? tooLong(line.number) : toRecord(line.number, { bytes: line.bytes, sources });
  }
}

type Mapping = Pick<EventFile, 'sources'> & { readonly map: EventMap };

async function* mappedRows(file: string, mapping: Mapping): AsyncGenerator<FileEntry> {
  for await (const { line, row, isCut } of readRows(file, mapping.map.csv)) {
    yield isCut ? tooLong(line) : mapEntry(line, { row, ...mapping });
  }
}

function tooLong(line: number): FileEntry {
  return { kind: 'unsendable', line, detail: `longer than ${LINE_BYTES_MAX} bytes` };
}

function mapEntry(line: number, { row, map, sources }: Mapping & { readonly row: unknown }): FileEntry {
  if (!isRow(row)) return { kind: 'unsendable', line, detail: 'not a JSON object' };
  const mapped = mapRow(row, map);
  if (mapped.kind === 'skipped') return { kind: 'skipped', line, reason: mapped.reason };
  if (mapped.kind === 'unusable') return { kind: 'unsendable', line, detail: mapped.detail };
  return toRecord(line, { bytes: Buffer.from(JSON.stringify(mapped.wire)), sources });
}

function toRecord(
  line: number,
  { bytes, sources }: { readonly bytes: Uint8Array; readonly sources: EventRules },
): FileRecord {
  const { sourceOf, isPlaceholder } = sources;
  const parsed = parseEvent(bytes, Date.now(), { sourceOf, isPlaceholder, signatures: NOT_YET_SIGNED });
  return { kind: 'record', line, bytes, partitionKey: keyOf(parsed, bytes), parsed };
}

function keyOf(parsed: ParseResult, bytes: Uint8Array): string {
  if (parsed.kind === 'event') return partitionKeyOf(parsed.event);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
