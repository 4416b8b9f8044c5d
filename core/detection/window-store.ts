import type { Fingerprint, Ms } from '../brands.ts';
import type { ChargeWindow } from './charge-window.ts';

/** A window as it was found: expired state is dropped, the version to write on stays. */
export interface FoundWindow {
  /** Undefined when there is none, or when it has expired. */
  readonly window: ChargeWindow | undefined;
  /** The version a replacement must expect; 0 when there is no item. */
  readonly version: number;
}

export type InsertOutcome = 'inserted' | 'exists' | { readonly failed: Error };

/**
 * Where charge windows live. Every write is conditional; a write whose answer was lost may have happened, and the retry
 * that meets its own entry is a replay.
 */
export interface WindowStore {
  /**
   * Inserts each window if there is no item under its fingerprint: one conditional write each, none read. Not atomic
   * together; the outcomes are in the order of the windows, whose fingerprints must differ. `exists` may rest on what the
   * store met before: the item may have gone since, so read it. Never throws for one window's fault: throttled and failed
   * ones, after the store's own bounded retries, are `failed`.
   */
  insertWindows(windows: readonly ChargeWindow[]): Promise<readonly InsertOutcome[]>;
  /** Reads strongly consistently, in the order asked. */
  readWindows(fingerprints: readonly Fingerprint[], nowMs: Ms): Promise<readonly FoundWindow[]>;
  /** Writes on condition that the version is still the expected one; 0: there must be no item. Throws for other faults. */
  replaceWindow(window: ChargeWindow, expectedVersion: number): Promise<'replaced' | 'conflict'>;
}
