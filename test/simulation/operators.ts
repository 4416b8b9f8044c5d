import { freeze } from '../../core/refunds/freeze.ts';
import type { Random } from '../../scenario/random.ts';
import { thaw } from '../fixtures/thaws.ts';
import type { Stores } from './stores.ts';

export interface Operators {
  readonly stores: Stores;
  readonly random: Random;
  readonly nowMs: () => number;
}

export async function freezeSomething({ stores, random, nowMs }: Operators): Promise<void> {
  const merchant = random.pick([undefined, 'm_1']);
  await freeze({ merchant, by: 'ann', reason: 'bad' }, { freezes: stores.freezes, nowMs });
}

export async function thawEverything({ stores, nowMs }: Operators): Promise<void> {
  for (const merchant of [undefined, 'm_1']) {
    await thaw({ merchant, by: 'ann', reason: 'rolled back' }, { freezes: stores.freezes, nowMs });
  }
}

/** An operator looks into a contradiction and restores the attestation. */
export async function restoreSomething({ stores: { suspensions }, random, nowMs }: Operators): Promise<void> {
  const [suspension] = random.shuffled(await suspensions.allSuspensions());
  if (suspension === undefined) return;
  await suspensions.restore({ ...suspension, by: 'ann', reason: 'looked into it' }, nowMs());
}
