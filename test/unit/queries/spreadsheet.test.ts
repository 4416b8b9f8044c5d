import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASE_LINES } from '../../../adapters/s3/case-lines.ts';
import { EXPORT_COLUMNS, exportRow } from '../../../core/queries/export-row.ts';
import { harmless } from '../../../core/queries/spreadsheet.ts';
import { caseView } from '../../../core/queries/views.ts';
import { caseOf } from '../../fixtures/cases.ts';

const FORMULA = /^[=+\-@＝＋－＠\t\r\n]/u;
/** Text of what makes trouble, and of anything. */
const nasty = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'=+-@＝＋－＠\t\r\n",;|\' a1商'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

describe('a cell of an export', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+8613', "'+8613"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1', "'＝1"],
    ['  =1', "  '=1"],
    ['"=1"', `"'=1"`],
    ['\t=1', "'\t'=1"],
    ['\r', "'\r"],
    ['\n1', "'\n1"],
    ['a;=1', "a;'=1"],
    ['m_9', 'm_9'],
    ['2024-11-11T00:00:00.000Z', '2024-11-11T00:00:00.000Z'],
    ['a=b', 'a=b'],
    ["'=1", "'=1"],
  ])('%j is written as %j', (text, written) => {
    expect(harmless(text)).toBe(written);
  });

  it('is changed by nothing but apostrophes', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(harmless(text).replaceAll("'", '')).toBe(text.replaceAll("'", ''));
      }),
    );
  });
});

describe('an export as CSV', () => {
  const cases = fc
    .array(fc.record({ merchant: nasty, chargeId: nasty }), { maxLength: 5 })
    .map((texts) =>
      texts.map(({ merchant, chargeId }) => caseOf({ merchant, original: { source: '/wallet', chargeId } })),
    );
  const fileOf = (of: readonly ReturnType<typeof caseOf>[]) => CASE_LINES.csv.head + CASE_LINES.csv.linesOf(of);

  it('reads back as what was written', () => {
    fc.assert(
      fc.property(cases, (of) => {
        const rows = parse(fileOf(of), { bom: true });
        expect(rows).toEqual([EXPORT_COLUMNS, ...of.map((one) => exportRow(one).map(harmless))]);
      }),
    );
  });

  it('begins no cell with what could be a formula', () => {
    fc.assert(
      fc.property(cases, (of) => {
        const cells = parse(fileOf(of), { bom: true }).flat();
        expect(cells.filter((cell: string) => FORMULA.test(cell))).toEqual([]);
      }),
    );
  });

  it('begins none for a reader that knows another separator and no quotes', () => {
    fc.assert(
      fc.property(cases, (of) => {
        const cells = fileOf(of)
          .split(/[,;|\t\r\n]/u)
          .map((cell) => cell.replace(/^[\s"\uFEFF]+/u, ''));
        expect(cells.filter((cell) => FORMULA.test(cell))).toEqual([]);
      }),
    );
  });

  it('begins with a byte order mark and ends its lines as RFC 4180 asks', () => {
    const text = fileOf([caseOf()]);
    expect(text.startsWith('\uFEFF"case",')).toBe(true);
    expect(text.endsWith('"\r\n')).toBe(true);
  });
});

describe('an export as NDJSON', () => {
  it('is the case as the API shows it, a line each', () => {
    const [one, other] = [caseOf(), caseOf({ merchant: '=m_2' })];
    const lines = CASE_LINES.ndjson.linesOf([one, other]).split('\n');
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual(
      [one, other].map((of) => JSON.parse(JSON.stringify(caseView(of)))),
    );
    expect(lines[2]).toBe('');
  });
});
