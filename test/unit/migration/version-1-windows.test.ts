import { describe, expect, it } from 'vitest';
import type { Item } from '../../../adapters/dynamodb/stored-item.ts';
import { decodeVersion1Window } from '../../../adapters/dynamodb/version-1-window-item.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { storedWindows } from '../../fixtures/version-1-windows.ts';

/** Today's word for an outcome; no window of schema version 1 kept the time of a claim, nor who closed an order. */
function withWhatWasNotKept(name: string, value: unknown): unknown {
  if (value === 'undone') return 'reversed-externally';
  if (typeof value !== 'object' || value === null) return value;
  if (name === 'closed') return { ...value, source: '' };
  if (name === 'ours' && 'refundMinor' in value) return { ...value, atMs: 0, restsOn: [] };
  return value;
}

function changed(item: Item | undefined, change: (facts: Record<string, unknown>) => unknown): Item {
  return { ...item, w: { S: JSON.stringify(change(JSON.parse(item?.w?.S ?? ''))) } };
}

describe('a window of version 1', () => {
  it('keeps every fact and its key', () => {
    const items = storedWindows('windows');
    expect(items).toHaveLength(7);
    for (const item of items) {
      const facts = JSON.parse(JSON.stringify(JSON.parse(item.w?.S ?? '')), withWhatWasNotKept);
      expect(decodeVersion1Window(item)).toEqual({ fingerprint: item.pk?.S, ...facts });
    }
  });

  it('of the last schema version has the time of its claim, what it rested on, and the source of the closing', () => {
    const windows = storedWindows('windows-schema-3').map(decodeVersion1Window);
    expect(windows[0]?.closed).toMatchObject({ owed: 1, source: '/processors/wallet' });
    expect(windows.flatMap(({ entries }) => entries).flatMap(({ ours }) => ours ?? [])[0]).toEqual({
      attempt: 0,
      state: 'refunded',
      refundMinor: 12_900,
      atMs: START_MS + 600_000,
      restsOn: ['single-charge'],
    });
  });

  const [item] = storedWindows('windows-schema-3');

  it.each<[string, Item, RegExp]>([
    ['without a text', { pk: { S: 'same-order#k1#x' } }, /lacks its key or its text/],
    ['that is no JSON', { ...item, w: { S: '{' } }, /is not JSON/],
    ['of a later schema', changed(item, (facts) => ({ ...facts, schemaVersion: 9 })), /has schema version 9/],
    ['with a member that is not known', changed(item, (facts) => ({ ...facts, secret: 1 })), /unrecognized_keys/],
    ['whose entries are no records', changed(item, (facts) => ({ ...facts, entries: [7] })), /entries\.0/],
    ['of another detector than its key', changed(item, (facts) => ({ ...facts, detector: 'x' })), /is of detector x/],
  ])('%s is refused with the reason', (_what, broken, reason) => {
    expect(() => decodeVersion1Window(broken)).toThrow(reason);
  });

  it('of an older schema whose entries are no records is refused too', () => {
    const older = changed(storedWindows('windows')[0], (facts) => ({ ...facts, entries: [null, 'x'] }));
    expect(() => decodeVersion1Window(older)).toThrow(/cannot be read/);
  });
});
