import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { caseIdSchema, type Minor, type Ms, msSchema } from '../../core/brands.ts';
import { DAY_S } from '../../core/clock-units.ts';
import type { PayerCase } from '../../core/refunds/payer-cases.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeItem, type Item } from './stored-item.ts';

/** Allocations are asked for again within a workflow's life; counters are of interest for a day. */
export const KEEP_S = 40 * DAY_S;

/** What one allocation added to each budget counter, by the counter's key; giving back subtracts the same. */
export const allocationCodec = versionedCodec(
  'allocation',
  z.object({
    counters: z.record(z.string(), z.int().nonnegative()),
    /** The note of the case at its payer; absent for a charge without a payer. */
    payer: z.strictObject({ payer: z.string(), caseId: caseIdSchema, notedMs: msSchema }).exactOptional(),
  }),
);

/** A case that was noted at its payer, and when. */
export type NotedCase = PayerCase & { readonly notedMs: Ms };

export interface Spent {
  readonly pk: string;
  readonly minor: Minor;
}

/** The key keeps version 1's word, so that what was allocated before a deployment is found after it. */
export function allocationKey(name: string): string {
  return `reservation#${name}`;
}

/** What one allocation has counted. */
export interface StoredAllocation {
  readonly spent: readonly Spent[];
  readonly payer?: NotedCase | undefined;
}

export function encodeAllocation(name: string, { spent, payer }: StoredAllocation, ttl: number): Item {
  const counters = Object.fromEntries(spent.map(({ pk, minor }) => [pk, minor]));
  const stored = { counters, ...(payer !== undefined && { payer }) };
  return marshall({ pk: allocationKey(name), ...allocationCodec.encode(stored), ttl });
}

export function decodeAllocation(item: Item): StoredAllocation {
  const { counters, payer } = decodeItem(allocationCodec, item);
  return { spent: Object.entries(counters).map(([pk, minor]) => ({ pk, minor })), payer };
}
