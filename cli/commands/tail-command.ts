import { setTimeout as sleep } from 'node:timers/promises';
import { shardsOf, statusKey } from '../../adapters/dynamodb/case-items.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { newestFlagIds } from '../../adapters/dynamodb/flag-index.ts';
import type { FlagId } from '../../core/brands.ts';
import { FLAG_STATUSES, type Flag, type FlagStatus } from '../../core/cases/flag.ts';
import {
  amountMinorOf,
  claimOf,
  denialOf,
  failureOf,
  processorReferenceOf,
  waitOf,
} from '../../core/cases/flag-history.ts';
import { groundsOf, reasonsOf, type Sentence } from '../../core/cases/sentences.ts';
import { iso } from '../../core/clock-units.ts';
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
/** Flags on their way that are followed by id; beyond this the oldest are let go. */
const FOLLOWED_MAX = 2_000;
/** From these a flag moves on. */
const MOVING: ReadonlySet<string> = new Set(['open', 'held', 'approved', 'expired', 'refunding', 'failed']);

/** Remembers what was seen and answers what is new of it: each status of a flag once, in the order of the changes. */
export class FlagFeed {
  readonly #flags = new Map<FlagId, Flag>();

  take(flags: readonly Flag[]): readonly Flag[] {
    const changes = new Map<FlagId, Flag>();
    for (const flag of flags) {
      const known = changes.get(flag.id) ?? this.#flags.get(flag.id);
      if (known !== undefined && known.version >= flag.version) continue;
      if (known?.status !== flag.status) changes.set(flag.id, flag);
      this.#flags.delete(flag.id);
      this.#flags.set(flag.id, flag);
    }
    return [...changes.values()].toSorted((a, b) => a.updatedAtMs - b.updatedAtMs);
  }

  statusOf(id: FlagId): FlagStatus | undefined {
    return this.#flags.get(id)?.status;
  }

  /** Flags that may move on, the newest last; what ended is remembered no longer than it takes to be read twice. */
  get following(): readonly FlagId[] {
    const moving = [...this.#flags.values()].filter(({ status }) => MOVING.has(status)).map(({ id }) => id);
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
      console.log(json ? JSON.stringify(changeView(flag)) : describeChange(flag));
    }
  }
}

/** Flags that the feed does not know in the status in which the index has them, and those that may have moved on. */
async function readFlags({ aws, outputs }: Deployment, feed: FlagFeed): Promise<readonly Flag[]> {
  const cases = createCaseStore({ client: aws.dynamo, table: outputs.CasesTableName });
  const perStatus = await Promise.all(
    FLAG_STATUSES.map(async (status) => {
      const keys = shardsOf('byStatus', statusKey('flag', status));
      const ids = await Promise.all(keys.map((key) => newestFlagIds(aws.dynamo, outputs.CasesTableName, key)));
      return ids.flat().filter((id) => feed.statusOf(id) !== status);
    }),
  );
  const flags = await cases.readFlags([...new Set([...perStatus.flat(), ...feed.following])]);
  return flags.filter((flag) => flag !== undefined);
}

/** One line of `--json`. */
export function changeView(flag: Flag) {
  const { source, chargeId, merchant, amountMinor, currency } = flag.charge;
  return {
    id: flag.id,
    version: flag.version,
    status: flag.status,
    charge: { source, chargeId, merchant, amountMinor, currency },
    original: flag.original,
    detector: flag.detector,
    updatedAtMs: flag.updatedAtMs,
    refundMinor: claimOf(flag)?.refundMinor,
    waitsFor: waitOf(flag)?.waitsFor,
    reasons: reasonsOf(flag, 'shown'),
    grounds: groundsOf(flag, 'shown'),
    denial: denialOf(flag)?.denial,
    failure: failureOf(flag)?.failure,
    processorReference: processorReferenceOf(flag),
  };
}

/** One line: when, what, how much, where, which charge, and what goes with the status. */
export function describeChange(flag: Flag): string {
  const { charge, original, detector, status } = flag;
  const amount = formatMoney(amountMinorOf(flag), charge);
  const at = iso(flag.updatedAtMs).slice(11, 19);
  const what = status === 'open' ? 'flagged' : status;
  return [
    at,
    what.padEnd(9),
    amount.padStart(16),
    charge.merchant,
    `${charge.chargeId} (${detector}, original ${original.chargeId})`,
    reasonOf(flag),
  ]
    .join('  ')
    .trimEnd();
}

function sentencesOf(told: readonly { readonly sentence: Sentence }[]): string {
  return told.map(({ sentence }) => sentence.en).join(' ');
}

function reasonOf(flag: Flag): string {
  switch (flag.status) {
    case 'held':
      return `waits: ${sentencesOf(reasonsOf(flag, 'shown'))}`;
    case 'expired':
      return 'no answer in time: an approver must decide';
    case 'dismissed':
      return flag.denial;
    case 'failed':
      return flag.failure;
    case 'refunded':
      return [flag.processorReference, sentencesOf(groundsOf(flag, 'shown'))].filter((text) => text !== '').join('  ');
    default:
      return '';
  }
}
