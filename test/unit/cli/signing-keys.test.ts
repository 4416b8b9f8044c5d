import { describe, expect, it } from 'vitest';
import { describeKeys, withKey, withRetired } from '../../../cli/signing-keys.ts';
import { newKey } from '../../../cli/stage-signing.ts';
import { DAY, START_MS } from '../../fixtures/charges.ts';

const NONE = { keys: {} };
const key = (id: string, source = '/s') => ({ id, source, key: 'a key that no line shows' });
const one = withKey(NONE, key('one'), START_MS);
const two = withKey(one, key('two'), START_MS + DAY);

describe('the keys of a source', () => {
  it('are at most two in use, each with an id of its own', () => {
    expect(() => withKey(two, key('three'), START_MS)).toThrow('/s has 2 keys in use (one, two); retire one first');
    expect(() => withKey(two, key('one', '/other'), START_MS)).toThrow('The key id one is taken');
    expect(Object.keys(withKey(two, key('three', '/other'), START_MS).keys)).toEqual(['one', 'two', 'three']);
  });

  it('leave the other one when one is retired', () => {
    const retired = withRetired(two, { id: 'one', notAfterMs: START_MS + DAY, isLast: false });
    expect(retired.keys.one).toMatchObject({ notAfter: new Date(START_MS + DAY).toISOString() });
    expect(retired.keys.two).toEqual(two.keys.two);
    expect(Object.keys(withKey(retired, key('three'), START_MS + DAY).keys)).toEqual(['one', 'two', 'three']);
  });

  it('keep the last one, unless the operator says that it is the last', () => {
    const last = { id: 'one', notAfterMs: START_MS, isLast: false };
    expect(() => withRetired(one, last)).toThrow('one is the last key of /s');
    expect(withRetired(one, { ...last, isLast: true }).keys.one).toHaveProperty('notAfter');
    expect(() => withRetired(one, { ...last, id: '__proto__' })).toThrow('There is no key __proto__');
  });

  it('forget a retired one after 60 days', () => {
    const retired = withRetired(two, { id: 'one', notAfterMs: START_MS, isLast: false });
    const idsAt = (nowMs: number) => Object.keys(withKey(retired, key('three'), nowMs).keys);
    expect(idsAt(START_MS + 60 * DAY - 1)).toContain('one');
    expect(idsAt(START_MS + 60 * DAY)).not.toContain('one');
  });

  it('are listed by source and age, without a key', () => {
    const retired = withRetired(withKey(two, key('z', '/a'), START_MS), {
      id: 'one',
      notAfterMs: START_MS,
      isLast: false,
    });
    const at = new Date(START_MS).toISOString();
    expect(describeKeys(retired).split('\n')).toEqual([
      `/a  z  in use since ${at}`,
      `/s  one  retired: signs nothing that arrives from ${at} on`,
      `/s  two  in use since ${new Date(START_MS + DAY).toISOString()}`,
    ]);
    expect(describeKeys(NONE)).toBe('The stage has no signing keys.');
  });

  it('are random and long enough', () => {
    const [a, b] = [newKey('/s'), newKey('/s')];
    expect(Buffer.from(a.key, 'base64')).toHaveLength(32);
    expect([a.key === b.key, a.id === b.id]).toEqual([false, false]);
    expect(a.id).toMatch(/^k-[a-z]{12}$/);
  });
});
