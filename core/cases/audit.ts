import type { CaseId, FlagId, Ms } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { FLAG_STATUSES } from './flag.ts';

/**
 * The statuses that audit entries name. Entries of version 1 keep their words, the last three: their hashes cover them.
 * docs/decisions/0902-words.md says what each is called today.
 */
export const AUDITED_STATUSES = [...FLAG_STATUSES, 'watched', 'mistaken', 'undone'] as const;
export type AuditedStatus = (typeof AUDITED_STATUSES)[number];

/** One change of a flag, chained to the one before it in its case. */
export interface AuditEntry {
  readonly caseId: CaseId;
  /** 1, 2, 3, … without gaps. */
  readonly seq: number;
  readonly flagId: FlagId;
  readonly attempt: number;
  /** `system:<function>`, or the subject of the person's token. */
  readonly actor: string;
  readonly atMs: Ms;
  readonly from: AuditedStatus | 'none';
  readonly to: AuditedStatus;
  readonly reason: string;
  /** Hash of entry seq - 1; of the first, GENESIS. */
  readonly previous: string;
  readonly hash: string;
}

/** What the first entry of every chain points to. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 over the entry's fields in a fixed order, each with its length, so that no field can move into another. */
export function chainHash(entry: Omit<AuditEntry, 'hash'>, { hash256 }: Pick<PlainDigests, 'hash256'>): string {
  const fields = [
    entry.previous,
    entry.caseId,
    entry.seq,
    entry.flagId,
    entry.attempt,
    entry.actor,
    entry.atMs,
    entry.from,
    entry.to,
    entry.reason,
  ];
  return hash256(fields.map((field) => `${String(field).length}:${field};`).join(''));
}

export type ChainCheck =
  | { readonly kind: 'intact'; readonly head: string; readonly length: number }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/** Checks a case's chain from its first entry and names the first broken one. */
export function verifyChain(entries: readonly AuditEntry[], digests: Pick<PlainDigests, 'hash256'>): ChainCheck {
  let head = GENESIS;
  for (const [at, entry] of entries.entries()) {
    const seq = at + 1;
    if (entry.seq !== seq) return { kind: 'broken', seq, reason: `entry ${seq} is missing` };
    if (entry.previous !== head) return { kind: 'broken', seq, reason: 'does not point to the entry before it' };
    if (chainHash(entry, digests) !== entry.hash)
      return { kind: 'broken', seq, reason: 'was changed after it was written' };
    head = entry.hash;
  }
  return { kind: 'intact', head, length: entries.length };
}
