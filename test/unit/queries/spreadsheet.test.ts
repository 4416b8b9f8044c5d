import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASE_LINES } from '../../../adapters/s3/case-lines.ts';
import { asCaseId } from '../../../core/brands.ts';
import type { Charge } from '../../../core/events/payment-event.ts';
import { EXPORT_COLUMNS, type ExportedCase, exportRow } from '../../../core/queries/export-row.ts';
import { harmless } from '../../../core/queries/spreadsheet.ts';
import { caseView } from '../../../core/queries/views.ts';
import { caseOf } from '../../fixtures/cases.ts';
import { BANK, charge, WALLET } from '../../fixtures/charges.ts';
import { flag, wait } from '../../fixtures/flags.ts';

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
    ['\u200b=1', "\u200b'=1"],
    ['\ufeff=1', "\ufeff'=1"],
    ['\u00a0@1', "\u00a0'@1"],
    ['\u00ad+1', "\u00ad'+1"],
    ['\u2800\u3164-1', "\u2800\u3164'-1"],
    ['\u202e=1', "\u202e'=1"],
    ['\u0007=1', "'\u0007'=1"],
    ['﹦1', "'﹦1"],
    ['m_9', 'm_9'],
    ['2024-11-11T00:00:00.000Z', '2024-11-11T00:00:00.000Z'],
    ['a=b', 'a=b'],
    ["'=1", "'=1"],
  ])('%j is written as %j', (text, written) => {
    expect(harmless(text)).toBe(written);
  });

  it('begins with no character that is a formula once it is normalised, behind whatever shows nothing', () => {
    const invisible = [...'\u200b\u2060\ufeff\u00a0\u00ad\u180e\u2028\u0000\u001f\u2800\u115f', '\u{e0001}'];
    for (let code = 0; code <= 0xff_ff; code++) {
      const character = String.fromCharCode(code);
      if (!/^[=+\-@]/.test(character.normalize('NFKC'))) continue;
      for (const before of ['', ...invisible, invisible.join('')]) {
        expect(harmless(`${before}${character}1`).replace(/^'/, ''), `${code}`).toBe(
          `${before}'${character}1`.replace(/^'/, ''),
        );
      }
    }
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
  const cases = fc.array(fc.record({ merchant: nasty, chargeId: nasty }), { maxLength: 5 }).map((texts) =>
    texts.map(({ merchant, chargeId }) => ({
      case: caseOf({ merchant, original: { source: '/wallet', chargeId } }),
      flags: [heldFlag({ merchant: merchant || 'm_1', order: chargeId || 'o_1' })],
    })),
  );
  const fileOf = (of: readonly ExportedCase[]) => CASE_LINES.csv.head + CASE_LINES.csv.linesOf(of);

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
    const text = fileOf([{ case: caseOf(), flags: [] }]);
    expect(text.startsWith('\uFEFF"case",')).toBe(true);
    expect(text.endsWith('"\r\n')).toBe(true);
  });
});

describe('an export as NDJSON', () => {
  it('is the case as the API shows it, a line each, with its refunds', () => {
    const [one, other] = [caseOf(), caseOf({ merchant: '=m_2' })];
    const held = heldFlag();
    const exported = [
      { case: one, flags: [held] },
      { case: other, flags: [] },
    ];
    const lines = CASE_LINES.ndjson.linesOf(exported).split('\n');
    const { refunds, ...view } = JSON.parse(lines[0] ?? '');
    expect(view).toEqual(JSON.parse(JSON.stringify(caseView(one))));
    expect(refunds).toMatchObject([
      { flagId: held.id, status: 'held', reasons: [{ reason: 'other-payer' }], grounds: [] },
    ]);
    expect(JSON.parse(lines[1] ?? '')).toEqual(JSON.parse(JSON.stringify({ ...caseView(other), refunds: [] })));
    expect(lines[2]).toBe('');
  });
});

describe('an export explains its refunds', () => {
  const rowOf = (...flags: ExportedCase['flags']) => {
    const cells = exportRow({ case: caseOf(), flags });
    return Object.fromEntries(EXPORT_COLUMNS.map((column, at) => [column, cells[at]]));
  };

  it('says why refunds wait and what they rested on, without a token of a payer', () => {
    const refunded = flag({
      status: 'refunded',
      charge: charge({ chargeId: 'ch_9' }),
      restsOn: ['single-charge'],
      facts: { 'single-charge': { sources: [WALLET, BANK] } },
    });
    const row = rowOf(heldFlag(), refunded);
    expect(row.waitsFor).toBe('ch_8: Another payer paid the original.');
    expect(row.restsOn).toBe(`ch_9: ${WALLET} and ${BANK} attested that an order is charged once.`);
    expect(JSON.stringify([row, CASE_LINES.ndjson.linesOf([{ case: caseOf(), flags: [heldFlag()] }])])).not.toMatch(
      /p_/,
    );
  });

  it('counts the charges beyond what a cell may hold', () => {
    const many = Array.from({ length: 400 }, (_, n) => heldFlag({ chargeId: `ch_${n}` }));
    const { waitsFor = '' } = rowOf(...many);
    expect(waitsFor).toMatch(/; 380 more charges$/);
    expect(waitsFor.length).toBeLessThan(32_767);
  });
});

function heldFlag(shows: Partial<Charge> = {}) {
  return flag({
    status: 'held',
    caseId: asCaseId('case-1'),
    charge: charge({ chargeId: 'ch_8', payer: 'p_2', ...shows }),
    originalCharge: charge({ chargeId: 'ch_7', payer: 'p_1' }),
    wait: wait({ waitsFor: ['other-payer'] }),
  });
}
