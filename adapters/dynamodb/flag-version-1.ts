import * as z from 'zod';
import { msSchema } from '../../core/brands.ts';
import { REASONS_TO_WAIT } from '../../core/cases/flag.ts';
import { flagFactsSchema, voteSchema } from '../../core/cases/flag-schema.ts';
import type { Fields } from '../../core/versioned.ts';
import { withMember, withNames, withWord } from '../words-of-version-1.ts';

const votes = z.array(voteSchema);

/** A flag as version 1 stored it: its status said nothing about which of these it had. */
const version1Schema = z.object({
  ...flagFactsSchema.shape,
  status: z.enum([
    'open',
    'held',
    'approved',
    'expired',
    'refunding',
    'refunded',
    'mistaken',
    'undone',
    'dismissed',
    'kept',
    'failed',
    'watched',
  ]),
  approvals: votes.default([]),
  keeps: votes.default([]),
  holds: z.array(z.enum(REASONS_TO_WAIT)).exactOptional(),
  token: z.string().exactOptional(),
  waitsSinceMs: msSchema.exactOptional(),
  escalatedAtMs: msSchema.exactOptional(),
  refundMinor: z.int().exactOptional(),
  claimedAtMs: msSchema.exactOptional(),
  refundedAtMs: msSchema.exactOptional(),
  unanswered: z.literal(true).exactOptional(),
  processorReference: z.string().exactOptional(),
  denial: z.string().exactOptional(),
  denialText: z.string().exactOptional(),
  failure: z.string().exactOptional(),
  mistake: z.unknown().optional(),
});
type Version1 = z.output<typeof version1Schema>;

/**
 * Brings a flag of version 1 to version 2. Where version 1 could contradict itself, it gets the honest value:
 * - A refund that was made or has failed without an amount gets the whole charge: our claim never allowed more.
 * - A claim without a time has the time `unknown`, and a refund without one that of the flag's last change.
 * - A refund that runs without an amount stays unreadable: money that has yet to move is never guessed.
 * - A wait without reasons or a token stays unreadable: nothing could wake its workflow.
 */
export function flagFromVersion1(fields: Fields): Fields {
  const { success, data: old } = version1Schema.safeParse(withTodaysFacts(fields));
  // The schema of version 2 refuses it, and names its fields.
  if (!success) return fields;
  return withWord({ ...factsOf(old), status: old.status, ...ownOf(old) }, 'status');
}

/** The facts of every flag in today's words. */
function withTodaysFacts(fields: Fields): Fields {
  const named = withMember(fields, 'discrepancy', (discrepancy) => withNames(discrepancy, { settled: 'resolved' }));
  return withWord(named, 'action');
}

function factsOf(old: Version1): Fields {
  return z.object(flagFactsSchema.shape).parse(old);
}

/** What the flag has beside the facts of every flag. */
function ownOf(old: Version1): Fields {
  const { refundMinor, processorReference } = old;
  switch (old.status) {
    case 'open':
    case 'watched':
      return {};
    case 'held':
    case 'approved':
    case 'expired':
      return waitOf(old);
    case 'refunding':
      return { ...claimOf(old), ...waitOf(old), ...(old.unanswered && { unanswered: true }) };
    case 'refunded':
      return refundOf(old);
    case 'mistaken':
      return { ...refundOf(old), refundError: old.mistake };
    case 'undone':
      if (refundMinor !== undefined) return { learnedFrom: 'gateway', ...claimOf(old), ...waitOf(old) };
      return { learnedFrom: 'list', ...(processorReference !== undefined && { processorReference }) };
    case 'dismissed':
      return { ...denialOf(old), ...waitOf(old) };
    case 'kept':
      return { ...waitOf(old), ...endOf(old) };
    case 'failed':
      return { ...claimOrWhole(old), ...waitOf(old), failure: old.failure ?? 'no reason is on record' };
  }
}

function waitOf({ holds, token, waitsSinceMs, escalatedAtMs }: Version1): Fields {
  if (holds === undefined || token === undefined) return {};
  const escalated = escalatedAtMs !== undefined && { escalatedAtMs };
  const asked = waitsSinceMs !== undefined && { asked: { sinceMs: waitsSinceMs, ...escalated } };
  return { wait: { waitsFor: holds, token, ...asked } };
}

function claimOf({ refundMinor, claimedAtMs }: Pick<Version1, 'refundMinor' | 'claimedAtMs'>): Fields {
  return refundMinor === undefined ? {} : { refundMinor, claimedAtMs: claimedAtMs ?? 'unknown' };
}

function claimOrWhole({ refundMinor, claimedAtMs, charge }: Version1): Fields {
  return claimOf({ refundMinor: refundMinor ?? charge.amountMinor, ...(claimedAtMs !== undefined && { claimedAtMs }) });
}

function refundOf(old: Version1): Fields {
  const { refundedAtMs = old.updatedAtMs, processorReference = 'no id is on record' } = old;
  return { ...claimOrWhole(old), ...waitOf(old), refundedAtMs, processorReference };
}

function denialOf(old: Version1): Fields {
  const { denial, denialText = `denied: ${denial}` } = old;
  return { denial, denialText, ...(old.refundMinor !== undefined && { returned: claimOf(old) }) };
}

function endOf(old: Version1): Fields {
  if (old.failure !== undefined) return { ended: { failure: old.failure, ...claimOrWhole(old) } };
  return old.denial === undefined ? {} : { ended: denialOf(old) };
}
