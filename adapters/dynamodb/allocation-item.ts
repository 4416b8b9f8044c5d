import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Minor } from '../../core/brands.ts';
import { DAY_S } from '../../core/clock-units.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeItem, type Item } from './stored-item.ts';

/** Allocations are asked for again within a workflow's life; counters are of interest for a day. */
export const KEEP_S = 40 * DAY_S;

/** What one allocation added to each budget counter, by the counter's key; giving back subtracts the same. */
export const allocationCodec = versionedCodec(
  'allocation',
  z.object({ counters: z.record(z.string(), z.int().nonnegative()) }),
);

export interface Spent {
  readonly pk: string;
  readonly minor: Minor;
}

/** The key keeps version 1's word, so that what was allocated before a deployment is found after it. */
export function allocationKey(name: string): string {
  return `reservation#${name}`;
}

export function encodeAllocation(name: string, spent: readonly Spent[], ttl: number): Item {
  const counters = Object.fromEntries(spent.map(({ pk, minor }) => [pk, minor]));
  return marshall({ pk: allocationKey(name), ...allocationCodec.encode({ counters }), ttl });
}

export function decodeAllocation(item: Item): readonly Spent[] {
  const { counters } = decodeItem(allocationCodec, item);
  return Object.entries(counters).map(([pk, minor]) => ({ pk, minor }));
}
