import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventFile, type FileEntry, readEventFile } from '../../../adapters/files/event-file.ts';
import { parseEventMap } from '../../../adapters/files/event-map.ts';
import { LINE_BYTES_MAX, readLines } from '../../../adapters/files/lines.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';

const REGISTERED = configuration({ sources: { '/p': SOURCE, '/csv': SOURCE } });
const CHARGE = {
  specversion: '1.0',
  id: 'evt_1',
  source: '/p',
  type: 'charge.captured',
  time: '2024-11-11T01:12:03.120Z',
  data: { chargeId: 'ch_1', payer: 'p_1', merchant: 'm_1', amount: { value: 100, currency: 'CNY' } },
};
const CLOSED = { ...CHARGE, type: 'order.closed', data: { merchant: 'm_1', order: 'o_1', outcome: 'paid' } };
const CSV_MAP = parseEventMap(
  {
    source: { const: '/csv' },
    chargeId: 'id',
    payer: 'payer',
    merchant: 'shop',
    amount: { column: 'amount', decimal: true },
    currency: { const: 'EUR' },
    time: { column: 'day', format: 'yyyy-MM-dd' },
  },
  'map',
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array, options: Omit<EventFile, 'file' | 'sources'> = {}) {
  const file = join(folder, name);
  writeFileSync(file, content);
  const entries: FileEntry[] = [];
  for await (const entry of readEventFile({ file, sources: REGISTERED, ...options })) entries.push(entry);
  return entries;
}

function ndjson(...rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

async function linesOf(...chunks: readonly string[]) {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: [number, string][] = [];
  for await (const { number, bytes } of readLines(source())) lines.push([number, Buffer.from(bytes).toString()]);
  return lines;
}

describe('lines', () => {
  test.each([
    [
      'split anywhere',
      ['a', 'b\nc', '\nd'],
      [
        [1, 'ab'],
        [2, 'c'],
        [3, 'd'],
      ],
    ],
    [
      'with Windows ends',
      ['a\r\nb\r\n'],
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'with blank ones between',
      ['\n a\n\t \nb'],
      [
        [2, ' a'],
        [4, 'b'],
      ],
    ],
    [
      'after a byte order mark',
      ['\ufeffa\nb'],
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
  ])('%s keep their numbers', async (_, chunks, expected) => {
    expect(await linesOf(...chunks)).toEqual(expected);
  });
});

describe('an NDJSON file', () => {
  test('is read the same plain and as gzip, whatever its name', async () => {
    const text = ndjson(CHARGE, CLOSED);
    const plain = await read('plain.ndjson', text);
    expect(await read('packed.ndjson', gzipSync(text))).toEqual(plain);
    expect(plain).toMatchObject([
      { line: 1, partitionKey: 'p_1', parsed: { kind: 'event' } },
      { line: 2, partitionKey: 'm_1/o_1', parsed: { kind: 'event' } },
    ]);
  });

  test('with broken lines yields them as records of their own bytes, with number and reason', async () => {
    const broken = Buffer.concat([Buffer.from(`${JSON.stringify(CHARGE)}\n{"half\n`), Buffer.from([0xff, 0xfe, 0x0a])]);
    const entries = await read('broken.ndjson', broken);
    expect(entries).toMatchObject([
      { line: 1, parsed: { kind: 'event' } },
      {
        kind: 'record',
        line: 2,
        parsed: { reason: 'not-json' },
        partitionKey: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
      { kind: 'record', line: 3, parsed: { reason: 'not-json' }, bytes: Buffer.from([0xff, 0xfe]) },
    ]);
  });

  test('with a line that no record can hold goes on behind it', async () => {
    const entries = await read('long.ndjson', `${'x'.repeat(LINE_BYTES_MAX + 1)}\n${JSON.stringify(CHARGE)}\n`);
    expect(entries).toMatchObject([
      { kind: 'unsendable', line: 1 },
      { kind: 'record', line: 2 },
    ]);
  });

  test('ends at the limit', async () => {
    expect(await read('many.ndjson', ndjson(CHARGE, CHARGE, CHARGE), { limit: 2 })).toHaveLength(2);
  });

  test.each([
    ['empty', ''],
    ['of blank lines', '\n\n  \n'],
  ])('that is %s is refused', async (_, content) => {
    await expect(read('nothing.ndjson', content)).rejects.toThrow(/there is nothing to replay/);
  });

  test('that is cut gzip is refused by name', async () => {
    const cut = gzipSync(ndjson(CHARGE, CLOSED)).subarray(0, 40);
    await expect(read('cut.gz', cut)).rejects.toThrow(/cut\.gz is damaged gzip/);
  });

  test('that does not exist is refused', async () => {
    const entries = readEventFile({ file: join(folder, 'nowhere'), sources: REGISTERED });
    await expect(entries.next()).rejects.toThrow(/does not exist/);
  });
});

describe('a CSV file', () => {
  const CSV = 'id,payer,shop,amount,day\n1,p_1,"Shop, the ""best""",1.50,2024-11-11\n2,p_2,m_2,x,2024-11-11\n';

  test.each([
    ['plain', 'a.csv', CSV],
    ['gzip', 'a.csv.gz', gzipSync(CSV)],
  ])('is mapped row by row: %s', async (_, name, content) => {
    const entries = await read(name, content, { map: CSV_MAP });
    expect(entries).toMatchObject([
      { line: 2, parsed: { event: { charge: { merchant: 'Shop, the "best"', amountMinor: 150 } } } },
      { line: 3, kind: 'unsendable', detail: expect.stringContaining('"x" in column amount') },
    ]);
  });

  test('without a map is refused', async () => {
    await expect(read('b.csv', CSV)).rejects.toThrow(/--map/);
  });

  test('with an open quote is refused by name', async () => {
    await expect(read('c.csv', 'id,payer\n1,"open', { map: CSV_MAP })).rejects.toThrow(/c\.csv is not readable CSV/);
  });
});
