import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { caseIdSchema, type Minor, type Ms, msSchema } from '../../core/brands.ts';
import { DAY_S, iso } from '../../core/clock-units.ts';
import type { CaseFact, Sums, SumsAt } from '../../core/queries/statistics.ts';
import type { LateMinute } from '../../core/queries/statistics-store.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { withNames } from '../words-of-version-1.ts';
import { decodeBody, decodeItem, type Item, sortKeyMs } from './stored-item.ts';

/** At 5,000 flags a second each makes some two facts: 625 small writes a second and shard. */
export const FACT_SHARDS = Array.from({ length: 16 }, (_, shard) => shard);
const FACT_KEEP_S = 2 * DAY_S;
const SUMS_KEEP_S = 400 * DAY_S;
export const LATE = 'late-minutes';
export const SUMMED = { pk: { S: 'summed-until' }, sk: { S: 'summed-until' } };

const text = z.string();
const count = z.int().nonnegative();
/** Facts are differences: what a case takes back is negative. */
const difference = z.int();
const differenceMinor: z.ZodType<Minor, Minor> = difference;

export const factCodec = versionedCodec(
  'fact of a case',
  z.strictObject({
    caseId: caseIdSchema,
    version: z.int().positive(),
    atMs: msSchema,
    currency: text,
    duplicates: difference,
    refunds: difference,
    held: count,
    flaggedMinor: differenceMinor,
    refundedMinor: differenceMinor,
  }),
);

export const sumsCodec = versionedCodec(
  'sums of a minute',
  z.strictObject({
    chargesProcessed: count,
    duplicates: difference,
    refunds: difference,
    held: count,
    money: z.record(text, z.strictObject({ flaggedMinor: differenceMinor, refundedMinor: differenceMinor })),
  }),
  [(fields) => withNames(fields, { watched: 'chargesProcessed' })],
);

export const lateCodec = versionedCodec('late minute', z.object({ minuteMs: msSchema, markedAtMs: msSchema }));

export const summedCodec = versionedCodec('mark of summed minutes', z.object({ untilMs: msSchema }));

export function factKey(shard: number): string {
  return `fact#${shard}`;
}

export function encodeFact(fact: CaseFact): Item {
  const shard = Number.parseInt(fact.caseId.slice(0, 4), 16) % FACT_SHARDS.length;
  const keys = { pk: factKey(shard), sk: `${iso(fact.atMs)}#${fact.caseId}#${fact.version}` };
  return marshall({ ...keys, ttl: seconds(fact.atMs) + FACT_KEEP_S, body: factCodec.encode(fact) });
}

export function decodeFact(item: Item): CaseFact {
  return decodeBody(factCodec, item);
}

export function sumsKey(minuteMs: Ms) {
  return { pk: `sums#${iso(minuteMs).slice(0, 10)}`, sk: iso(minuteMs) };
}

export function encodeSums(minuteMs: Ms, sums: Sums): Item {
  return marshall({ ...sumsKey(minuteMs), ttl: seconds(minuteMs) + SUMS_KEEP_S, body: sumsCodec.encode(sums) });
}

export function decodeSums(item: Item): SumsAt {
  return { atMs: sortKeyMs(item), sums: decodeBody(sumsCodec, item) };
}

export function lateKey(minuteMs: Ms) {
  return { pk: LATE, sk: iso(minuteMs) };
}

export function encodeLate(late: LateMinute): Item {
  const { minuteMs, markedAtMs } = late;
  return marshall({ ...lateKey(minuteMs), ...lateCodec.encode(late), ttl: seconds(markedAtMs) + FACT_KEEP_S });
}

export function decodeLate(item: Item): LateMinute {
  return decodeItem(lateCodec, item);
}

export function encodeSummed(untilMs: Ms): Item {
  return { ...SUMMED, ...marshall(summedCodec.encode({ untilMs })) };
}

export function decodeSummed(item: Item): Ms {
  return decodeItem(summedCodec, item).untilMs;
}

function seconds(ms: Ms): number {
  return Math.ceil(ms / 1_000);
}
