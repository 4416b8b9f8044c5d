import * as z from 'zod';
import { hasCardNumber } from '../../core/events/find-card-numbers.ts';
import { isCurrency } from '../../core/events/money.ts';
import type { SourceCatalog } from '../../core/events/source.ts';
import type { ListedRefund } from '../../core/refunds/listed-refund.ts';
import { UserError } from '../../core/user-error.ts';
import { amountRule, csvForm, parseMap, readMapFile, skipRules, timeRule, tokenRule } from './event-map.ts';
import { leaveOut, minorOf, RowError, RowSkip, timeOf, tokenOf } from './map-row.ts';
import { asUserError, isRow, type Row, readRows } from './rows.ts';

/** Which column of a processor's list says what; by itself each column is called as the field. */
const refundMapSchema = z.strictObject({
  source: tokenRule.default('source'),
  chargeId: tokenRule.default('chargeId'),
  refundId: tokenRule.default('refundId'),
  reference: tokenRule.default('reference'),
  merchant: tokenRule.default('merchant'),
  amount: amountRule.default('amountMinor'),
  currency: tokenRule.default('currency'),
  time: timeRule.default('time'),
  skip: skipRules,
  csv: csvForm,
});

export type RefundMap = z.infer<typeof refundMapSchema>;

/** A list is in memory while it is compared with our refunds: more than these is more than a day of anybody's. */
const REFUNDS_MAX = 1_000_000;
/** More lines than these no one reads. */
const REPORTED_MAX = 20;

export function readRefundMap(file: string | undefined): RefundMap {
  return file === undefined ? parseRefundMap({}, 'of a list without a map') : parseRefundMap(readMapFile(file), file);
}

/** @throws UserError that names the field and what it may be. */
export function parseRefundMap(json: unknown, name: string): RefundMap {
  return parseMap(refundMapSchema, json, name);
}

/**
 * All refunds of a processor's list. A list that cannot be read whole is refused: what is not read would be taken for
 * not refunded.
 *
 * @throws UserError that names the first lines that cannot be read, and why.
 */
export async function readRefundFile(
  file: string,
  map: RefundMap,
  sources: SourceCatalog,
): Promise<readonly ListedRefund[]> {
  const refunds: ListedRefund[] = [];
  const troubles: string[] = [];
  try {
    for await (const { line, row, isCut } of readRows(file, map.csv)) {
      try {
        if (isCut || !isRow(row)) throw new RowError(isCut ? 'too long a line' : 'not a JSON object');
        const refund = refundOf(row, map);
        refuseCardNumbers(refund, sources);
        refunds.push(refund);
      } catch (error) {
        if (error instanceof RowError) troubles.push(`  ${file}:${line}: ${error.message}`);
        else if (!(error instanceof RowSkip)) throw error;
      }
      if (refunds.length > REFUNDS_MAX) throw new UserError(`${file} lists more than ${REFUNDS_MAX} refunds: split it`);
    }
  } catch (error) {
    throw asUserError(error, file);
  }
  if (troubles.length === 0) return refunds;
  const more = troubles.length > REPORTED_MAX ? [`  … and ${troubles.length - REPORTED_MAX} more such lines`] : [];
  const listed = [...troubles.slice(0, REPORTED_MAX), ...more].join('\n');
  throw new UserError(
    `Nothing was compared: a list that is not read whole looks like refunds that are missing.\n${listed}`,
  );
}

/** What a list says may become a flag and a line of its case, so it may have no card number, as no event may. */
function refuseCardNumbers(refund: ListedRefund, sources: SourceCatalog): void {
  const formats = sources.sourceOf(refund.source)?.tokenFormats;
  for (const field of ['chargeId', 'refundId', 'reference', 'merchant'] as const) {
    const token = refund[field] ?? '';
    if (!hasCardNumber(token) || formats?.[field]?.test(token)) continue;
    throw new RowError(`${field}: has a card number; map another column, or name its format in "tokens" of the source`);
  }
  if (hasCardNumber(refund.source)) throw new RowError('source: has a card number; name a registered source');
}

function refundOf(row: Row, map: RefundMap): ListedRefund {
  leaveOut(row, map.skip);
  const needed = (field: 'source' | 'chargeId' | 'currency'): string => {
    const found = tokenOf(row, map[field]);
    if (found === undefined) throw new RowError(`${field}: is missing`);
    return found;
  };
  const currency = needed('currency');
  if (!isCurrency(currency)) throw new RowError('currency: is not an upper-case ISO 4217 code');
  return {
    source: needed('source'),
    chargeId: needed('chargeId'),
    refundId: tokenOf(row, map.refundId),
    reference: tokenOf(row, map.reference),
    merchant: tokenOf(row, map.merchant),
    amountMinor: minorOf(row, { rule: map.amount, currency, field: 'amount' }),
    currency,
    timeMs: Date.parse(timeOf(row, map.time)),
  };
}
