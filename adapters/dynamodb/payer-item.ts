import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { caseIdSchema, type Ms, msSchema } from '../../core/brands.ts';
import { DAY_S } from '../../core/clock-units.ts';
import type { PayerCases } from '../../core/refunds/payer-cases.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeItem, type Item } from './stored-item.ts';

/** Cases count for 24 hours; an allocation may be released later, and finds nothing then. */
const KEEP_S = 2 * DAY_S;

const count = z.int().nonnegative();

/** The cases of one payer that had a refund. */
const payerCodec = versionedCodec(
  'cases of a payer',
  z.object({
    /** Rises by one with every write. */
    version: count,
    cases: z.array(z.strictObject({ caseId: caseIdSchema, refunds: count, sinceMs: msSchema, atMs: msSchema })),
  }),
);

/** A payer's cases as they were read; version 0 where no item is there. */
export interface StoredPayer {
  readonly version: number;
  readonly cases: PayerCases;
}

/** The key has the payer's digest, no token. */
export function payerKeyOf(payer: string): string {
  return `payer#${payer}`;
}

export function decodePayer(item: Item | undefined): StoredPayer {
  return item === undefined ? { version: 0, cases: [] } : decodeItem(payerCodec, item);
}

/** Encodes the members that an update of the item sets. */
export function encodePayer({ version }: StoredPayer, cases: PayerCases, nowMs: Ms): Item {
  const newestMs = Math.max(nowMs, ...cases.map(({ atMs }) => atMs));
  const ttl = Math.ceil(newestMs / 1000) + KEEP_S;
  return marshall({ ...payerCodec.encode({ version: version + 1, cases }), ttl });
}
