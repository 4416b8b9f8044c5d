import type { Minor } from '../brands.ts';
import { type Flag, hasRefunded, type RefundedFlag } from '../cases/flag.ts';
import { flagIdOfReference } from '../detection/refund-reference.ts';
import type { ListedRefund } from './listed-refund.ts';

export interface Sum {
  readonly count: number;
  readonly valueMinor: Minor;
}

/** One source and currency: what we refunded beside what is listed in our name. */
export interface TableRow {
  readonly source: string;
  readonly currency: string;
  readonly ours: Sum;
  readonly listed: Sum;
  /** Listed, and not in our name. */
  readonly byOthers: Sum;
  /** Ours, not listed, and so near a border of the range that another list may have them. */
  readonly atBorder: Sum;
}

type Column = 'ours' | 'listed' | 'byOthers' | 'atBorder';
type SumKey = Pick<TableRow, 'source' | 'currency'>;

const NOTHING: Sum = { count: 0, valueMinor: 0 };

/** Counts and values, by source and currency. */
export class ReconcileTable {
  readonly #rows = new Map<string, TableRow>();

  /** What is listed of one flag, and the flag's own refund if it has one that is listed. */
  addListed(refunds: readonly ListedRefund[], flag: Flag | undefined): void {
    for (const refund of refunds) {
      const isOurs = refund.reference !== undefined && flagIdOfReference(refund.reference) !== undefined;
      this.#add(refund, isOurs ? 'listed' : 'byOthers', refund.amountMinor);
    }
    const isListed = refunds.some(({ reference = '' }) => flagIdOfReference(reference) === flag?.id);
    if (flag !== undefined && isListed && hasRefunded(flag)) this.#addFlag(flag, 'ours');
  }

  addUnlisted(flag: RefundedFlag, isInside: boolean): void {
    this.#addFlag(flag, isInside ? 'ours' : 'atBorder');
  }

  rows(): readonly TableRow[] {
    return [...this.#rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  #addFlag({ charge, refundMinor }: RefundedFlag, column: Column): void {
    this.#add(charge, column, refundMinor);
  }

  #add({ source, currency }: SumKey, column: Column, minor: Minor): void {
    const key = `${source}\n${currency}`;
    const empty = { source, currency, ours: NOTHING, listed: NOTHING, byOthers: NOTHING, atBorder: NOTHING };
    const row = this.#rows.get(key) ?? empty;
    const { count, valueMinor } = row[column];
    this.#rows.set(key, { ...row, [column]: { count: count + 1, valueMinor: valueMinor + minor } });
  }
}
