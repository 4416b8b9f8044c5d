import type * as RaiseModule from '../../../core/cases/raise-flags.ts';
import type * as WindowModule from '../../../core/detection/charge-window.ts';
import type * as ClaimsModule from '../../../core/detection/claims.ts';
import type * as DetectorModule from '../../../core/detection/detector.ts';
import type * as FingerprintModule from '../../../core/detection/fingerprint.ts';
import type * as JudgeModule from '../../../core/detection/judge.ts';
import type * as ReferenceModule from '../../../core/detection/refund-reference.ts';
import type * as TransitionsModule from '../../../core/detection/transitions.ts';
import type { WindowStore } from '../../../core/detection/window-store.ts';
import type * as ChangeWindowsModule from '../../../core/refunds/change-windows.ts';
import type * as PolicyModule from '../../../core/refunds/policy.ts';
import type * as RecheckModule from '../../../core/refunds/recheck-surplus.ts';
import type * as ReverseModule from '../../../core/refunds/reverse.ts';

interface Modules {
  readonly 'core/cases/raise-flags.ts': typeof RaiseModule;
  readonly 'core/detection/charge-window.ts': typeof WindowModule;
  readonly 'core/detection/claims.ts': typeof ClaimsModule;
  readonly 'core/detection/detector.ts': typeof DetectorModule;
  readonly 'core/detection/fingerprint.ts': typeof FingerprintModule;
  readonly 'core/detection/judge.ts': typeof JudgeModule;
  readonly 'core/detection/refund-reference.ts': typeof ReferenceModule;
  readonly 'core/detection/transitions.ts': typeof TransitionsModule;
  readonly 'core/refunds/change-windows.ts': typeof ChangeWindowsModule;
  readonly 'core/refunds/policy.ts': typeof PolicyModule;
  readonly 'core/refunds/recheck-surplus.ts': typeof RecheckModule;
  readonly 'core/refunds/reverse.ts': typeof ReverseModule;
}

/** The product with one rule of the design taken away, by another implementation of a function or a port. */
export type Mutant = { readonly rule: string } & (
  | { readonly kind: 'store'; readonly wrap: (store: WindowStore) => WindowStore }
  | {
      readonly kind: 'module';
      readonly path: keyof Modules;
      readonly replace: (original: unknown) => Readonly<Record<string, unknown>>;
    }
);

/** A module's functions as they are, and what the mutant has instead of some of them. */
export function without<Path extends keyof Modules>(
  path: Path,
  rule: string,
  change: (original: Modules[Path]) => Partial<Modules[Path]>,
): Mutant {
  const replace = (original: unknown) => ({ ...(original as Modules[Path]), ...change(original as Modules[Path]) });
  return { kind: 'module', path, rule, replace };
}

export function withoutInStore(rule: string, change: (store: WindowStore) => Partial<WindowStore>): Mutant {
  return { kind: 'store', rule, wrap: (store) => ({ ...store, ...change(store) }) };
}

export const TRANSITIONS = 'core/detection/transitions.ts';
export const CLAIMS = 'core/detection/claims.ts';
export const WINDOW = 'core/detection/charge-window.ts';
export const RAISE = 'core/cases/raise-flags.ts';
export const POLICY = 'core/refunds/policy.ts';

type Window = WindowModule.ChargeWindow;
type Entry = WindowModule.Entry;

export function capturedIn(window: Window, { source, chargeId }: { source: string; chargeId: string }) {
  return entryIn(window, { source, chargeId })?.captured;
}

export function entryIn(window: Window, { source, chargeId }: { source: string; chargeId: string }) {
  return window.entries.find((entry) => entry.source === source && entry.chargeId === chargeId);
}

/** The window with each entry as the mutant would have it. */
export function eachEntry<Of extends Window>(window: Of, change: (entry: Entry) => Entry): Of {
  return { ...window, entries: window.entries.map(change) };
}
