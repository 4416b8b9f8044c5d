import { createReadStream, statSync } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../core/user-error.ts';

export interface Line {
  /** Counted from 1, blank lines included. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** True when the line was longer than `LINE_BYTES_MAX`: `bytes` is its beginning. */
  readonly isCut: boolean;
}

/** One Kinesis record holds 1 MiB with its partition key (256 characters of up to 4 bytes); no longer line can travel. */
export const LINE_BYTES_MAX = 1024 * 1024 - 1024;
const GZIP_MAGIC = [0x1f, 0x8b];
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The file's bytes, unpacked when it is gzip by its first two bytes, whatever its name. */
export async function openBytes(file: string): Promise<Readable> {
  checkFile(file);
  const raw = createReadStream(file);
  if (!(await isGzip(file))) return raw;
  // A fault of either reaches whoever reads; the callback keeps it from being thrown at nobody.
  return pipeline(raw, createGunzip(), () => {});
}

/** @throws UserError when there is no file to read: before anything is started or looked up for it. */
export function checkFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new UserError(`${file} does not exist; name a file that does`);
  if (stats.isDirectory()) throw new UserError(`${file} is a folder; name a file in it`);
}

/** The lines of a stream that are not blank, without their ends and without a byte order mark. Order and bytes are kept. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 1;
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  const keep = (part: Uint8Array) => {
    if (keptBytes <= LINE_BYTES_MAX) kept.push(part);
    keptBytes += part.byteLength;
  };
  const take = (): Line | undefined => {
    const line = toLine(number, Buffer.concat(kept), keptBytes);
    kept = [];
    keptBytes = 0;
    number += 1;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, end));
      from = end + 1;
      const line = take();
      if (line !== undefined) yield line;
    }
    keep(chunk.subarray(from));
  }
  const line = take();
  if (line !== undefined) yield line;
}

function toLine(number: number, whole: Buffer, length: number): Line | undefined {
  let bytes = whole;
  if (number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) bytes = bytes.subarray(3);
  if (bytes.at(-1) === RETURN) bytes = bytes.subarray(0, -1);
  if (bytes.every((byte) => byte === 0x20 || byte === 0x09)) return undefined;
  const isCut = length > LINE_BYTES_MAX;
  return { number, bytes: isCut ? bytes.subarray(0, LINE_BYTES_MAX) : bytes, isCut };
}

async function isGzip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { start: 0, end: 1 })) {
    return Buffer.isBuffer(chunk) && GZIP_MAGIC.every((byte, at) => chunk[at] === byte);
  }
  return false;
}
