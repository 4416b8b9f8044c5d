import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteNamespaces } from '../../adapters/dynamodb/source-namespaces.ts';
import { formerNamespaceOf } from '../../core/detection/source-namespaces.ts';
import { DAY, START_MS } from '../fixtures/charges.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { createTable } from '../fixtures/tables.ts';

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb?.stop());

describe('the namespaces of sources', () => {
  const wallet = (namespace: string) => ({ id: '/wallet', namespace });
  const bank = { id: '/bank', namespace: 'bank' };
  const during = (nowMs: number) => ({ nowMs, retainMs: 15 * DAY });

  async function stage() {
    const table = await createTable(dynamodb.client, 'charges');
    return (sources: readonly { readonly id: string; readonly namespace: string }[], atMs: number) =>
      noteNamespaces(sources, { client: dynamodb.client, table, nowMs: () => atMs });
  }

  it('are those of always before any source has moved', async () => {
    const note = await stage();
    await note([wallet('one'), bank], START_MS);
    const noted = await note([wallet('one'), bank], START_MS + DAY);
    expect(formerNamespaceOf(noted, '/wallet', during(START_MS + DAY))).toBeUndefined();
    expect(formerNamespaceOf(noted, '/unknown', during(START_MS + DAY))).toBeUndefined();
  });

  it('keep the one that a source has left for as long as windows of then are remembered', async () => {
    const note = await stage();
    await note([wallet('one'), bank], START_MS);
    await note([wallet('two'), bank], START_MS + DAY);
    // A worker that starts later, and a registry that the bank has left.
    const noted = await note([wallet('two')], START_MS + 2 * DAY);
    expect(formerNamespaceOf(noted, '/wallet', during(START_MS + 16 * DAY - 1))).toBe('one');
    expect(formerNamespaceOf(noted, '/wallet', during(START_MS + 16 * DAY))).toBeUndefined();
    expect(formerNamespaceOf(noted, '/bank', during(START_MS + 2 * DAY))).toBeUndefined();
  });

  it('lose no source where workers start at one time', async () => {
    const note = await stage();
    await note([wallet('one')], START_MS);
    const sources = Array.from({ length: 4 }, (_, n) => ({ id: `/source-${n}`, namespace: 'two' }));
    await Promise.all(sources.map((source) => note([wallet('two'), source], START_MS + DAY)));
    const noted = await note([wallet('two')], START_MS + DAY);
    expect([...noted.keys()].sort()).toEqual([...sources.map(({ id }) => id), '/wallet'].sort());
    expect(formerNamespaceOf(noted, '/wallet', during(START_MS + DAY))).toBe('one');
  });
});
