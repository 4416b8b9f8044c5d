import type { Ms } from '../brands.ts';
import type { Detector } from './detector.ts';

/** When a stage first used each detector, by id. Those of its first configuration were in use from the start: 0. */
export type DetectorsSince = ReadonlyMap<string, Ms>;

/**
 * Returns until when a detector that was added to a stage at work only monitors; undefined where it acts as configured.
 * Before `retain` has passed it does not remember what other detectors do, and no approver has seen what it finds. DESIGN 5.
 */
export function monitorsUntil(
  { id, retainMs }: Pick<Detector, 'id' | 'retainMs'>,
  { since, nowMs }: { readonly since: DetectorsSince; readonly nowMs: Ms },
): Ms | undefined {
  // A detector that no batch was judged by yet is the newest.
  const untilMs = (since.get(id) ?? nowMs) + retainMs;
  return untilMs > nowMs ? untilMs : undefined;
}

/** Returns that all these detectors were in use from the start. */
export function usedFromTheStart(detectors: readonly Pick<Detector, 'id'>[]): DetectorsSince {
  return new Map(detectors.map(({ id }) => [id, 0]));
}
