import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCaseId, asFlagId } from '../../../core/brands.ts';
import { type AuditEntry, chainHash, GENESIS, verifyChain } from '../../../core/cases/audit.ts';
import { digests } from '../../fixtures/configurations.ts';

function chainOf(length: number): readonly AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const body = {
      caseId: asCaseId('case-1'),
      seq,
      flagId: asFlagId(`flag-${seq % 3}`),
      attempt: 0,
      actor: 'system:test',
      atMs: 1_000 * seq,
      from: 'open',
      to: 'held',
      reason: `reason ${seq}`,
      previous: entries.at(-1)?.hash ?? GENESIS,
    } as const;
    entries.push({ ...body, hash: chainHash(body, digests) });
  }
  return entries;
}

const changes: readonly [string, Partial<AuditEntry>][] = [
  ['caseId', { caseId: asCaseId('case-2') }],
  ['flagId', { flagId: asFlagId('another') }],
  ['attempt', { attempt: 7 }],
  ['actor', { actor: 'nobody' }],
  ['atMs', { atMs: 1 }],
  ['from', { from: 'none' }],
  ['to', { to: 'refunded' }],
  ['reason', { reason: '' }],
  ['hash', { hash: 'f'.repeat(64) }],
];

describe('an audit chain', () => {
  it('is intact as it was written, and names its head', () => {
    const chain = chainOf(5);
    expect(verifyChain(chain, digests)).toEqual({ kind: 'intact', head: chain[4]?.hash, length: 5 });
    expect(verifyChain([], digests)).toEqual({ kind: 'intact', head: GENESIS, length: 0 });
  });

  it.each(changes)('is broken at the very entry whose %s was changed', (_, change) => {
    const chain = chainOf(9);
    fc.assert(
      fc.property(fc.nat(8), (at) => {
        const forged = chain.map((entry, index) => (index === at ? { ...entry, ...change } : entry));
        expect(verifyChain(forged, digests)).toMatchObject({ kind: 'broken', seq: at + 1 });
      }),
    );
  });

  it('is broken where an entry is missing, twice or in another place', () => {
    const chain = chainOf(6);
    expect(verifyChain(chain.toSpliced(2, 1), digests)).toMatchObject({ seq: 3, reason: 'entry 3 is missing' });
    expect(verifyChain(chain.slice(1), digests)).toMatchObject({ seq: 1 });
    expect(verifyChain(chain.toSpliced(2, 0, ...chain.slice(2, 3)), digests)).toMatchObject({ seq: 4 });
    expect(verifyChain(chain.toReversed(), digests)).toMatchObject({ seq: 1 });
  });

  it('is broken where a forger hashed the changed entry anew, at the next one', () => {
    const chain = chainOf(4);
    const forged = chain.map((entry) => {
      if (entry.seq !== 2) return entry;
      const { hash: _hash, ...body } = { ...entry, reason: 'forged' };
      return { ...body, hash: chainHash(body, digests) };
    });
    expect(verifyChain(forged, digests)).toMatchObject({ seq: 3, reason: 'does not point to the entry before it' });
  });

  it('has no two entries of one hash by moving text from one field into the next', () => {
    const [entry] = chainOf(1);
    if (entry === undefined) throw new Error('no entry');
    const moved = { ...entry, actor: 'system:tes', reason: `t${entry.reason}` };
    expect(chainHash(moved, digests)).not.toBe(entry.hash);
  });
});
