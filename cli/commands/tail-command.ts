import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { shardsOf, statusKey } from '../../adapters/dynamodb/case-items.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { newestFlagIds } from '../../adapters/dynamodb/flag-index.ts';
import { FLAG_STATUSES } from '../../core/cases/flag.ts';
import { formatMoney } from '../../core/events/format-money.ts';
import { endOnSignals } from '../process/ending.ts';
import { type Deployment, findDeployment } from '../stack.ts';

interface TailOptions {
  readonly stage: string;
  readonly json?: boolean;
  readonly seconds?: number;
}

/**
 * A table's stream has room for two readers a shard, and dispatch and alerts are these two: a third would slow them down.
 * So the status index is polled: its newest entries for what is new, and what is on its way by its id.
 */
const POLL_MS = 2_000;
/** Newest entries read of each status and shard; more than this in one poll and shard are seen when they move on. */
/** Flags on their way that are followed by id; beyond this the oldest are let go. */
const FOLLOWED_MAX = 2_000;
/** From these a flag moves on. */
const MOVING: ReadonlySet<string> = new Set(['open', 'held', 'approved', 'expired', 'refunding', 'failed']);

const flagSchema = z.object({
  id: z.string(),
  version: z.number(),
  status: z.enum(FLAG_STATUSES),
  charge: z.object({
    source: z.string(),
    chargeId: z.string(),
    merchant: z.string(),
    amountMinor: z.number(),
    currency: z.string(),
  }),
  original: z.object({ source: z.string(), chargeId: z.string() }),
  detector: z.string(),
  updatedAtMs: z.number(),
  refundMinor: z.number().optional(),
  holds: z.array(z.string()).optional(),
  denial: z.string().optional(),
  failure: z.string().optional(),
  processorReference: z.string().optional(),
});
export type FlagSeen = z.infer<typeof flagSchema>;

/** Remembers what was seen and answers what is new of it: each status of a flag once, in the order of the changes. */
export class FlagFeed {
  readonly #seen = new Map<string, FlagSeen>();

  take(flags: readonly FlagSeen[]): readonly FlagSeen[] {
    const news = new Map<string, FlagSeen>();
    for (const flag of flags) {
      const known = news.get(flag.id) ?? this.#seen.get(flag.id);
      if (known !== undefined && known.version >= flag.version) continue;
      if (known?.status !== flag.status) news.set(flag.id, flag);
      this.#seen.delete(flag.id);
      this.#seen.set(flag.id, flag);
    }
    return [...news.values()].toSorted((a, b) => a.updatedAtMs - b.updatedAtMs);
  }

  statusOf(id: string): FlagSeen['status'] | undefined {
    return this.#seen.get(id)?.status;
  }

  /** Flags that may move on, the newest last; what ended is remembered no longer than it takes to be read twice. */
  get following(): readonly string[] {
    const moving = [...this.#seen.values()].filter(({ status }) => MOVING.has(status)).map(({ id }) => id);
    return moving.slice(-FOLLOWED_MAX);
  }
}

export async function tailCommand({ stage, json = false, seconds }: TailOptions): Promise<void> {
  endOnSignals(() => 0);
  const deployment = await findDeployment(stage);
  const feed = new FlagFeed();
  feed.take(await readFlags(deployment, feed));
  const untilMs = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1_000;
  console.error('Flags and refunds as they happen; Ctrl-C ends.');
  while (Date.now() < untilMs) {
    await sleep(POLL_MS);
    for (const flag of feed.take(await readFlags(deployment, feed))) {
      console.log(json ? JSON.stringify(flag) : describeChange(flag));
    }
  }
}

/** Flags that the feed does not know in the status in which the index has them, and those that may have moved on. */
async function readFlags({ aws, outputs }: Deployment, feed: FlagFeed): Promise<readonly FlagSeen[]> {
  const cases = createCaseStore({ client: aws.dynamo, table: outputs.CasesTableName });
  const perStatus = await Promise.all(
    FLAG_STATUSES.map(async (status) => {
      const keys = shardsOf('byStatus', statusKey('flag', status));
      const ids = await Promise.all(keys.map((key) => newestFlagIds(aws.dynamo, outputs.CasesTableName, key)));
      return ids.flat().filter((id) => feed.statusOf(id) !== status);
    }),
  );
  const flags = await cases.readFlags([...new Set([...perStatus.flat(), ...feed.following])]);
  return flags.flatMap((flag) => (flag === undefined ? [] : [flagSchema.parse(flag)]));
}

/** One line: when, what, how much, where, which charge, and what goes with the status. */
export function describeChange(flag: FlagSeen): string {
  const { charge, original, detector, status } = flag;
  const minor = status === 'refunded' ? (flag.refundMinor ?? 0) : charge.amountMinor;
  const amount = formatMoney(minor, { currency: charge.currency, locale: 'en' });
  const at = new Date(flag.updatedAtMs).toISOString().slice(11, 19);
  const what = status === 'open' ? 'flagged' : status;
  return [
    at,
    what.padEnd(9),
    amount.padStart(16),
    charge.merchant,
    `${charge.chargeId} (${detector}, original ${original.chargeId})`,
    whyOf(flag),
  ]
    .join('  ')
    .trimEnd();
}

function whyOf({ status, holds, denial, failure, processorReference }: FlagSeen): string {
  switch (status) {
    case 'held':
      return `waits for: ${holds?.join(', ') ?? 'people'}`;
    case 'expired':
      return 'nobody answered: it waits for people';
    case 'dismissed':
      return denial ?? '';
    case 'failed':
      return failure ?? '';
    case 'refunded':
      return processorReference ?? '';
    default:
      return '';
  }
}
