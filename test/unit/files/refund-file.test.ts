import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRefundMap, readRefundFile } from '../../../adapters/files/refund-file.ts';
import { describeExplained, describeReconciled, scopeOf } from '../../../cli/commands/reconcile-command.ts';
import { asCaseId, asFlagId } from '../../../core/brands.ts';
import { BANK, DAY, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration, SOURCE } from '../../fixtures/configurations.ts';

const VISA = '4111111111111111';
const SOURCES = configuration({ sources: { [WALLET]: { ...SOURCE, tokens: { refundId: '^4[0-9]{15}$' } } } });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const plain = parseRefundMap({}, 'none');
const line = { source: WALLET, chargeId: 'ch_1', amountMinor: 900, currency: 'CNY', time: '2024-11-11T00:00:00Z' };
const REFUND = {
  source: WALLET,
  chargeId: 'ch_1',
  amountMinor: 900,
  currency: 'CNY',
  timeMs: Date.parse('2024-11-11T00:00:00Z'),
};

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a list of refunds', () => {
  it('is NDJSON whose fields are called as ours, without a map', async () => {
    const text = [{ ...line, refundId: 're_1', reference: 'onecharge-x' }, line]
      .map((each) => JSON.stringify(each))
      .join('\n');
    const found = await readRefundFile(file('a.ndjson', text), plain, SOURCES);
    expect(found).toEqual([{ ...REFUND, refundId: 're_1', reference: 'onecharge-x' }, REFUND]);
  });

  it('is CSV, or gzip of it, by a map', async () => {
    const map = parseRefundMap(
      {
        source: { const: WALLET },
        chargeId: 'Charge',
        amount: { column: 'Amount', decimal: true, negative: 'absolute' },
        currency: { column: 'Cur', values: { RMB: 'CNY' } },
        time: { column: 'Day', format: 'yyyy/MM/dd' },
        skip: [{ column: 'Kind', in: ['fee'], reason: 'no refund' }],
        csv: { delimiter: ';' },
      },
      'map.json',
    );
    const text = 'Kind;Charge;Amount;Cur;Day\nrefund;ch_1;-9.00;RMB;2024/11/11\nfee;;0.10;RMB;2024/11/11\n';
    expect(await readRefundFile(file('b.csv.gz', gzipSync(text)), map, SOURCES)).toEqual([REFUND]);
  });

  it('has no card number in a token, save in the format of its source', async () => {
    const read = (row: object) => readRefundFile(file('d.ndjson', JSON.stringify({ ...line, ...row })), plain, SOURCES);
    for (const field of ['chargeId', 'reference', 'merchant', 'source', 'currency']) {
      const refused = expect(read({ [field]: VISA })).rejects;
      await refused.toThrow(new RegExp(`d\\.ndjson:1: ${field}: `));
      await refused.not.toThrow(/4111/);
    }
    expect(await read({ refundId: VISA })).toMatchObject([{ refundId: VISA }]);
  });

  it('that has a line which cannot be read is refused as a whole, and the lines are named', async () => {
    const rows = ['{', { ...line, currency: 'yuan' }, { ...line, amountMinor: 9.5 }, { ...line, chargeId: '' }, line];
    const text = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
    const refused = expect(readRefundFile(file('c.ndjson', text), plain, SOURCES)).rejects;
    await refused.toThrow(
      /Nothing was compared.*\n.*c\.ndjson:1: .*\n.*:2: currency.*\n.*:3: amount.*\n.*:4: chargeId/,
    );
  });

  it('is told of a mistake in its map, with the field and what it may be', () => {
    expect(() => parseRefundMap({ refund: 'id' }, 'map.json')).toThrow(
      'unknown field refund; allowed are source, chargeId',
    );
    expect(() => parseRefundMap({ amount: 7 }, 'map.json')).toThrow('amount: must be a column name');
  });
});

describe('what a list speaks for', () => {
  it('is the time from its first refund to its last, and the sources that it names', () => {
    const list = [REFUND, { ...REFUND, source: BANK, timeMs: REFUND.timeMs + 5 }];
    expect(scopeOf(list, {})).toEqual({
      sources: new Set([WALLET, BANK]),
      fromMs: REFUND.timeMs,
      toMs: REFUND.timeMs + 6,
    });
  });

  it('is what people say, which an empty list needs', () => {
    const options = { source: [WALLET], from: '2024-11-11', to: '2024-11-12T00:00:00+08:00' };
    expect(scopeOf([], options)).toMatchObject({ fromMs: Date.parse('2024-11-11T00:00:00Z'), toMs: START_MS + DAY });
    expect(() => scopeOf([], { from: '2024-11-11', to: '2024-11-12' })).toThrow('--source');
    expect(() => scopeOf([], { ...options, from: '11.11.2024' })).toThrow('--from must be a day');
    expect(() => scopeOf([], { ...options, from: '2024-11-13' })).toThrow('--from must be before --to');
  });
});

describe('the table', () => {
  it('shows counts and values by source and currency, and what differs', () => {
    const sum = (count: number, valueMinor: number) => ({ count, valueMinor });
    const row = { source: WALLET, ours: sum(2, 1_000), listed: sum(1, 900), byOthers: sum(0, 0), atBorder: sum(0, 0) };
    const difference = {
      what: 'not-listed',
      detail: 'not there',
      flagId: asFlagId('f'),
      caseId: asCaseId('c'),
      known: false,
    } as const;
    const lines = describeReconciled(
      {
        rows: [
          { ...row, currency: 'CNY' },
          { ...row, currency: 'JPY' },
        ],
        differences: [{ ...difference, source: WALLET, chargeId: 'ch_1' }],
        resolved: 1,
      },
      { sources: new Set([WALLET]), fromMs: START_MS, toMs: START_MS + DAY },
      true,
    );
    expect(lines[0]).toBe('From 2024-11-10T16:00:00.000Z until before 2024-11-11T16:00:00.000Z:');
    expect(lines[2]).toMatch(/wallet +CNY +2 +10\.00 +1 +9\.00 +0 +0\.00 +0 +0\.00$/);
    expect(lines[3]).toMatch(/wallet +JPY +2 +1,000 +1 +900/);
    expect(lines[4]).toBe(`not-listed: ch_1 (${WALLET}): not there. Flag f, case c`);
    expect(lines.at(-1)).toBe('1 difference, 1 new; nothing was written (--dry-run).');
  });
});

describe('the answer to `explain`', () => {
  it('names the operator and the reason on record where another explanation was first', () => {
    const first = { by: 'ann', at: new Date(START_MS).toISOString(), reason: 'a void', caseId: 'c' };
    expect(describeExplained({ kind: 'already-explained', first }, 'ben')).toBe(
      'ann had explained this discrepancy at 2024-11-10T16:00:00.000Z: a void\n' +
        'Your reason is not on record. To add it, comment on case c in the console.',
    );
    expect(describeExplained({ kind: 'explained' }, 'ben')).toBe('Explained, on record by ben.');
    expect(describeExplained({ kind: 'nothing-to-explain' }, 'ben')).toBe('There was nothing to explain.');
  });
});
