import type { Minor } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import { type FlagIn, passesByItself } from '../cases/flag.ts';
import { pages } from '../pages.ts';
import type { FreezeStore } from './freeze.ts';

export interface ReleasedContext {
  readonly cases: Pick<CaseStore, 'flagsByStatus'>;
  readonly freezes: Pick<FreezeStore, 'newestOrders'>;
}

/** The refunds that go on after a thaw without any approver. */
export interface Released {
  readonly refunds: number;
  readonly minorByCurrency: Readonly<Record<string, Minor>>;
  /** More flags wait than one request reads: the thaw releases at least this. */
  readonly isCut: boolean;
}

const PAGE = 100;
/** Of each list one request reads 2,000 flags at most: it must answer within seconds. */
const PAGES_MAX = 20;
/** Merchants whose own freezes are read. */
const MERCHANTS_MAX = 100;

/**
 * Returns what the thaw of all refunds, or of one merchant's, releases: held refunds whose reasons all end automatically, and
 * claimed ones, which a freeze keeps before their next call. A merchant whose other freeze stands releases nothing.
 */
export async function releasedByThaw(merchant: string | undefined, context: ReleasedContext): Promise<Released> {
  const [held, refunding] = await Promise.all([readSome('held', context), readSome('refunding', context)]);
  const waiting = [...held.flags.filter(onlyFrozen), ...refunding.flags];
  const affected = waiting.filter(({ charge }) => merchant === undefined || charge.merchant === merchant);
  const merchants = [...new Set(affected.map(({ charge }) => charge.merchant))];
  const looked = merchants.slice(0, MERCHANTS_MAX);
  const orders = await context.freezes.newestOrders(merchant === undefined ? looked : []);
  const others = orders.filter((order) => order.frozen && order.merchant !== merchant);
  const staysFrozen = (one: string) => others.some((order) => order.merchant === undefined || order.merchant === one);
  const released = affected.filter(({ charge }) => looked.includes(charge.merchant) && !staysFrozen(charge.merchant));
  const isCut = held.isCut || refunding.isCut || looked.length < merchants.length;
  return { refunds: released.length, minorByCurrency: sumsOf(released), isCut };
}

type Waiting = FlagIn<'held'> | FlagIn<'refunding'>;

async function readSome<Status extends 'held' | 'refunding'>(status: Status, { cases }: ReleasedContext) {
  const flags: FlagIn<Status>[] = [];
  let isCut = false;
  for await (const page of pages((place) => cases.flagsByStatus(status, { limit: PAGE, ...place }), PAGES_MAX)) {
    flags.push(...page.items);
    isCut = page.cursor !== undefined;
  }
  return { flags, isCut };
}

function onlyFrozen({ wait: { waitsFor } }: FlagIn<'held'>): boolean {
  return waitsFor.includes('frozen') && waitsFor.every(passesByItself);
}

function sumsOf(flags: readonly Waiting[]): Readonly<Record<string, Minor>> {
  const sums = new Map<string, Minor>();
  for (const flag of flags) {
    const { currency, amountMinor } = flag.charge;
    const refundMinor = flag.status === 'refunding' ? flag.refundMinor : amountMinor;
    sums.set(currency, (sums.get(currency) ?? 0) + refundMinor);
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
