import { setTimeout as wait } from 'node:timers/promises';
import type { Random, Sleep } from '../core/retry.ts';

/** The real world, handed to the core as arguments: time, chance and waiting. */
export const world: { readonly nowMs: () => number; readonly random: Random; readonly sleep: Sleep } = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms) => wait(ms),
};
