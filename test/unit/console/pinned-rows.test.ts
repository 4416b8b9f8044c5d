import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pinRows } from '../../../console/pages/cases/pinned-rows.ts';

const rows = (text: string, version = 1) => [...text].map((id) => ({ id, version }));
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).join('');

describe('a list that somebody reads', () => {
  it.each([
    { shown: '', fresh: 'ab', after: 'ab', waiting: 0, what: 'fills by itself while it is empty' },
    { shown: 'ab', fresh: 'abc', after: 'abc', waiting: 0, what: 'shows at once what comes after its end' },
    { shown: 'ab', fresh: 'xyab', after: 'ab', waiting: 2, what: 'lets wait what would move it' },
    { shown: 'ab', fresh: 'b', after: 'ab', waiting: 0, what: 'keeps its place for a row that has left' },
  ])('$what', ({ shown, fresh, after, waiting }) => {
    const pinned = pinRows(rows(shown), rows(fresh));
    expect(ids(pinned.rows)).toBe(after);
    expect(pinned.waiting).toBe(waiting);
  });

  it('never moves a row, and shows each as it is now', () => {
    const list = fc.uniqueArray(fc.constantFrom(...'abcdefgh'));
    fc.assert(
      fc.property(list, list, (shown, fresh) => {
        const pinned = pinRows(rows(shown.join('')), rows(fresh.join(''), 2));
        expect(ids(pinned.rows.slice(0, shown.length))).toBe(shown.join(''));
        for (const { id, version } of pinned.rows) expect(version).toBe(fresh.includes(id) ? 2 : 1);
        expect(pinned.rows.length + pinned.waiting).toBe(new Set([...shown, ...fresh]).size);
      }),
    );
  });
});
