import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { minorSchema } from '../../core/brands.ts';
import { HOUR_MS, iso } from '../../core/clock-units.ts';
import type { Release, SumOwner } from '../../core/refunds/approver-sums.ts';
import { versionedCodec } from '../../core/versioned.ts';
import type { Item } from './stored-item.ts';

/** What was counted for one flag. */
export const releaseCodec = versionedCodec(
  'approver release',
  z.strictObject({ currency: z.string(), amountMinor: minorSchema }),
);

/** The owner comes last: no name of an approver can look like another key. */
export function approverSumKeyOf(owner: SumOwner, currency: string): string {
  if (owner.kind === 'order') return `approver#sum#${currency}#order#${owner.jobId}`;
  const hour = iso(Math.floor(owner.nowMs / HOUR_MS) * HOUR_MS).slice(0, 13);
  return `approver#sum#${currency}#${hour}#${owner.by}`;
}

export function releaseKeyOf({ owner, name }: Pick<Release, 'owner' | 'name'>): string {
  return owner.kind === 'order'
    ? `approver#release#${name}#order#${owner.jobId}`
    : `approver#release#${name}#by#${owner.by}`;
}

export function encodeRelease(release: Release, ttl: number): Item {
  const { currency, amountMinor } = release;
  return marshall({ pk: releaseKeyOf(release), body: releaseCodec.encode({ currency, amountMinor }), ttl });
}
