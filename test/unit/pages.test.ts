import { describe, expect, it } from 'vitest';
import { pages } from '../../core/pages.ts';

/** Three pages, and what was asked of them. */
function list() {
  const asked: object[] = [];
  const read = async (place: { readonly cursor?: string }) => {
    asked.push(place);
    if (place.cursor === undefined) return { items: [1, 2], cursor: 'b' };
    // A page may be empty and yet not the last.
    return place.cursor === 'b' ? { items: [], cursor: 'c' } : { items: [3] };
  };
  return { asked, read };
}

async function itemsOf(found: AsyncIterable<{ readonly items: readonly number[] }>): Promise<readonly number[]> {
  const items: number[] = [];
  for await (const page of found) items.push(...page.items);
  return items;
}

describe('pages', () => {
  it('reads every page once, each from the cursor of the page before it', async () => {
    const { asked, read } = list();
    expect(await itemsOf(pages(read))).toEqual([1, 2, 3]);
    expect(asked).toEqual([{}, { cursor: 'b' }, { cursor: 'c' }]);
  });

  it('reads no page beyond its bound', async () => {
    const { asked, read } = list();
    expect(await itemsOf(pages(read, 2))).toEqual([1, 2]);
    expect(asked).toEqual([{}, { cursor: 'b' }]);
  });

  it('reads no page that its consumer does not ask for', async () => {
    const { asked, read } = list();
    for await (const page of pages(read)) if (page.items.includes(2)) break;
    expect(asked).toEqual([{}]);
  });
});
