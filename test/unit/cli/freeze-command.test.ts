import { describe, expect, it } from 'vitest';
import { describeFreeze, describeThaw } from '../../../cli/commands/freeze-command.ts';
import { START_MS } from '../../fixtures/charges.ts';

const order = { frozen: true, by: 'ann', reason: 'a bad release', atMs: START_MS };
const at = new Date(START_MS).toISOString();
const changed = { kind: 'changed', standing: order } as const;

describe('the message of a freeze', () => {
  it('says what stops and how to end it', () => {
    expect(describeFreeze({}, changed)).toBe(
      'Froze all refunds. Detection goes on, and new flags wait. End it with: onecharge thaw --reason TEXT',
    );
    expect(describeFreeze({ merchant: 'm_1' }, changed)).toMatch(
      /^Froze the refunds of merchant m_1\. .*: onecharge thaw --merchant m_1 --reason TEXT$/,
    );
  });

  it('names the operator who froze first', () => {
    expect(describeFreeze({}, { kind: 'already', standing: order })).toBe(
      `No change: all refunds were frozen before, by ann at ${at}: a bad release.`,
    );
  });
});

describe('the message of a thaw', () => {
  it('that is refused names the command to run first', () => {
    const standing = { ...order, by: 'onecharge', reason: 'Run: onecharge migrate --stage STAGE --apply' };
    expect(() => describeThaw({}, { kind: 'refused', standing })).toThrow(
      'Refunds stay frozen. Run: onecharge migrate --stage STAGE --apply',
    );
  });

  it('says what changed', () => {
    expect(describeThaw({}, changed)).toBe('Thawed all refunds.');
    expect(describeThaw({}, { kind: 'already' })).toBe('No change: no freeze of all refunds stood.');
  });

  it('of one merchant names the freeze of all that still stands', () => {
    expect(describeThaw({ merchant: 'm_1' }, { ...changed, stillFrozen: order })).toBe(
      `Thawed the refunds of merchant m_1. But all refunds are frozen, by ann at ${at}: a bad release. ` +
        'End that with: onecharge thaw --reason TEXT',
    );
  });
});
