import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { createQuarantineIndex } from '../adapters/dynamodb/quarantine-index.ts';
import { quarantinedBytes } from '../adapters/s3/quarantined-bytes.ts';
import type { Aws } from '../cli/aws.ts';
import type { StackOutputs } from '../cli/stack.ts';
import type { Ms } from '../core/brands.ts';
import { MINUTE_MS } from '../core/clock-units.ts';
import type { AlertsHeard, AlertsTap } from './alerts-tap.ts';
import { type CaseItems, readCaseItems } from './case-items.ts';
import { createQuarantineCounter } from './count-quarantined.ts';
import { PENDING_STATUSES } from './summary.ts';

export interface Snapshot extends CaseItems, AlertsHeard {
  /** Charge records and windows. */
  readonly remembered: number;
  /** Refused records, each once. */
  readonly quarantined: number;
}

export interface WaitOptions {
  readonly read: () => Promise<Snapshot>;
  /** Charges of the file that no window remembers: asked when all is quiet. */
  readonly countForgotten: () => Promise<number>;
  /** Records that must be in quarantine before all was seen. */
  readonly quarantinedMin: number;
  readonly note: (text: string) => void;
  readonly now: () => number;
  readonly sleep: (ms: Ms) => Promise<unknown>;
}

export interface EndedRun extends Snapshot {
  readonly lost: number;
}

export interface RunSources {
  readonly aws: Aws;
  readonly outputs: StackOutputs;
  readonly tap: AlertsTap;
}

const POLL_MS = 1_000;
/** Looking for forgotten charges scans the windows; not each second. */
const AUDIT_MS = 10_000;
/** The emulator polls a stream at least every 5 s; what changes nothing for longer has nothing to do. */
const QUIET_MS = 6_000;
/** Where a look takes long, all else does too: quiet is then as long as this many looks, which take 0.1 s on a free machine. */
const QUIET_LOOKS = 30;
const QUIET_MS_MAX = 180_000;
/** A grace period and the first retries of a refund are shorter than this; then something is stuck, and we say what. */
export const STUCK_MS = 240_000;
/** With nothing on its way, only a stream's own retries can still bring a change. */
export const LOST_MS = MINUTE_MS;

/** Waits until every event is seen and every refund has ended, or until nothing moves any longer. */
export async function untilEnded(options: WaitOptions): Promise<EndedRun> {
  let signature = '';
  let changedMs = options.now();
  let slowestLookMs = 0;
  let nextAuditMs = 0;
  for (;;) {
    const askedMs = options.now();
    const snapshot = await options.read();
    const lookMs = options.now() - askedMs;
    const counts = countByStatus(snapshot);
    const current = JSON.stringify([
      snapshot.remembered,
      snapshot.quarantined,
      snapshot.cases,
      snapshot.alerts,
      [...counts],
    ]);
    const hasChanged = current !== signature;
    signature = current;
    if (hasChanged) changedMs = options.now();
    slowestLookMs = hasChanged ? lookMs : Math.max(slowestLookMs, lookMs);
    options.note(describe(snapshot, counts));
    const quietMs = options.now() - changedMs;
    const pending = PENDING_STATUSES.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
    const quietMsMin = Math.min(QUIET_MS_MAX, Math.max(QUIET_MS, slowestLookMs * QUIET_LOOKS));
    const isStuck = quietMs >= Math.max(quietMsMin, pending > 0 ? STUCK_MS : LOST_MS);
    const isQuiet = quietMs >= quietMsMin && pending === 0 && snapshot.quarantined >= options.quarantinedMin;
    if (isStuck || (isQuiet && options.now() >= nextAuditMs)) {
      nextAuditMs = options.now() + AUDIT_MS;
      // A charge that detection itself quarantined, as a conflict or an overflow, is in quarantine and not lost.
      const setAside = Math.max(0, snapshot.quarantined - options.quarantinedMin);
      const lost = Math.max(0, (await options.countForgotten()) - setAside);
      if (lost === 0 || isStuck) return { ...snapshot, lost };
    }
    await options.sleep(POLL_MS);
  }
}

export function readSnapshot({ aws, outputs, tap }: RunSources): () => Promise<Snapshot> {
  const bucket = outputs.QuarantineBucketName;
  const countQuarantined = createQuarantineCounter({
    countItems: () => countItems(aws, outputs.QuarantineTableName),
    index: createQuarantineIndex({ dynamodb: aws.dynamo, table: outputs.QuarantineTableName }),
    bytesOf: (item) => quarantinedBytes({ s3: aws.s3, bucket }, item),
  });
  return async () => {
    const [items, remembered, quarantined, heard] = await Promise.all([
      readCaseItems(aws, outputs.CasesTableName),
      countItems(aws, outputs.ChargesTableName),
      countQuarantined(),
      tap.drain(),
    ]);
    return { ...items, ...heard, remembered, quarantined };
  };
}

/** The table's own count: emulators keep it current, AWS renews it every six hours. */
async function countItems({ dynamo }: Aws, tableName: string): Promise<number> {
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: tableName }));
  return Table?.ItemCount ?? 0;
}

function countByStatus({ flags }: Snapshot): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of flags) counts.set(status, (counts.get(status) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}

function describe(snapshot: Snapshot, counts: ReadonlyMap<string, number>): string {
  const byStatus = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  return `${snapshot.remembered} records and windows, ${snapshot.quarantined} quarantined, ${snapshot.flags.length} flags, ${snapshot.alerts} alerts${byStatus && `: ${byStatus}`}`;
}

export const systemWait = { now: () => performance.now(), sleep };
