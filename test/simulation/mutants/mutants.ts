import { AMOUNTING } from './amounts.ts';
import { BOUNDING } from './authority.ts';
import { CLAIMING } from './claims.ts';
import { LIFECYCLE } from './lifecycle.ts';
import { MATCHING } from './matching.ts';
import type { Mutant } from './mutant.ts';
import { PROVING } from './proof.ts';

/** Each rule of detection and of the claim, taken away once. */
export const MUTANTS: readonly Mutant[] = [
  ...MATCHING,
  ...LIFECYCLE,
  ...AMOUNTING,
  ...CLAIMING,
  ...PROVING,
  ...BOUNDING,
];
