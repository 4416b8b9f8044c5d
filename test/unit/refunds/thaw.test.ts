import { beforeEach, describe, expect, it } from 'vitest';
import { plainDigests } from '../../../adapters/crypto/digests.ts';
import { createMemoryFreezeStore } from '../../../adapters/memory/freeze-store.ts';
import type { FreezeStore } from '../../../core/refunds/freeze.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { confirmThaw, requestThaw, THAW_REQUEST_MS_MAX, type ThawContext } from '../../../core/refunds/thaw.ts';
import { START_MS } from '../../fixtures/charges.ts';

const ANN = { by: 'ann', reason: 'rolled back' };

let clock: { nowMs: number };
let freezes: FreezeStore;
let context: ThawContext;

beforeEach(async () => {
  clock = { nowMs: START_MS };
  freezes = createMemoryFreezeStore();
  context = { freezes, digests: plainDigests, nowMs: () => clock.nowMs };
  await freeze({ by: 'dee', reason: 'a bad release' }, context);
});

async function ask(asked: Parameters<typeof requestThaw>[0] = ANN): Promise<string> {
  const outcome = await requestThaw(asked, context);
  if (outcome.kind !== 'requested') throw new Error(`not requested: ${outcome.kind}`);
  return outcome.request.id;
}

describe('the request of a thaw', () => {
  it('changes nothing', async () => {
    await ask();
    expect(await freezes.isFrozen('m_1')).toBe(true);
  });

  it('is the same for all who ask while it is pending', async () => {
    const id = await ask();
    clock.nowMs += 1;
    expect(await ask({ by: 'ben', reason: 'me too' })).toBe(id);
  });

  it('ends after a day, and a new one takes its place', async () => {
    const id = await ask();
    clock.nowMs += THAW_REQUEST_MS_MAX;
    expect(await confirmThaw({ id, by: 'ben' }, context)).toMatchObject({ kind: 'refused', reason: 'thaw-over' });
    const next = await ask({ by: 'ben', reason: 'still rolled back' });
    expect(next).not.toBe(id);
    expect(await confirmThaw({ id, by: 'cid' }, context)).toMatchObject({ kind: 'refused', reason: 'thaw-over' });
    expect(await confirmThaw({ id: next, by: 'ann' }, context)).toMatchObject({ kind: 'changed' });
  });

  it('reads again where another operator has just asked', async () => {
    const raced: ThawContext = {
      ...context,
      freezes: {
        ...freezes,
        requestThaw: async (request, standing) => {
          await freezes.requestThaw({ ...request, id: 'first', requested: { by: 'ben', atMs: START_MS } }, standing);
          return 'conflict';
        },
      },
    };
    expect(await requestThaw(ANN, raced)).toMatchObject({ kind: 'requested', request: { id: 'first' } });
  });
});

describe('the confirmation of a thaw', () => {
  it('is of another operator, and a repetition changes nothing', async () => {
    const id = await ask();
    expect(await confirmThaw({ id, by: 'ann' }, context)).toEqual({ kind: 'refused', reason: 'own-thaw' });
    const changed = await confirmThaw({ id, by: 'ben' }, context);
    expect(changed).toMatchObject({
      kind: 'changed',
      standing: { frozen: false, ...ANN, thaw: { id, confirmed: { by: 'ben' } } },
    });
    expect(await confirmThaw({ id, by: 'cid' }, context)).toEqual({ ...changed, kind: 'already' });
    expect(await freezes.isFrozen('m_1')).toBe(false);
  });

  it('ends no freeze that came after the request, also the freeze of what was frozen', async () => {
    const id = await ask();
    await freeze({ by: 'eve', reason: 'it goes on' }, context);
    expect(await confirmThaw({ id, by: 'ben' }, context)).toMatchObject({ kind: 'refused', reason: 'thaw-over' });
    expect(await freezes.isFrozen('m_1')).toBe(true);
  });

  it('of a thaw that a freeze has followed does not count again', async () => {
    const id = await ask();
    await confirmThaw({ id, by: 'ben' }, context);
    await freeze({ by: 'eve', reason: 'once more' }, context);
    expect(await confirmThaw({ id, by: 'ben' }, context)).toMatchObject({ kind: 'refused', reason: 'thaw-over' });
  });

  it('loses the race against a freeze', async () => {
    const id = await ask();
    const raced: ThawContext = {
      ...context,
      freezes: {
        ...freezes,
        issue: async (order) => {
          await freeze({ by: 'eve', reason: 'it goes on' }, context);
          return freezes.issue(order);
        },
      },
    };
    expect(await confirmThaw({ id, by: 'ben' }, raced)).toMatchObject({ kind: 'refused', reason: 'thaw-over' });
    expect(await freezes.isFrozen('m_1')).toBe(true);
  });
});
