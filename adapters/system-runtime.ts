import { setTimeout as wait } from 'node:timers/promises';
import type { Ms } from '../core/brands.ts';
import type { Random, Sleep } from '../core/retry.ts';

/** Time, chance and waiting of this process, given to the core as arguments. */
export const systemRuntime: { readonly nowMs: () => Ms; readonly random: Random; readonly sleep: Sleep } = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms) => wait(ms),
};

/** Acts again and again until it is stopped. */
export function every(ms: Ms, act: () => Promise<void>): () => void {
  const timer = setInterval(() => void act(), ms);
  return () => clearInterval(timer);
}
