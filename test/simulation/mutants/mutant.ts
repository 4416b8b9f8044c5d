import type * as FlagTransitionsModule from '../../../core/cases/flag-transitions.ts';
import type * as RaiseModule from '../../../core/cases/raise-flags.ts';
import type * as AmountsModule from '../../../core/detection/charge-amounts.ts';
import type * as RecordModule from '../../../core/detection/charge-record.ts';
import type * as ViewModule from '../../../core/detection/charge-view.ts';
import type * as WindowModule from '../../../core/detection/charge-window.ts';
import type * as ClaimsModule from '../../../core/detection/claims.ts';
import type * as DetectorModule from '../../../core/detection/detector.ts';
import type * as EpochModule from '../../../core/detection/epoch.ts';
import type * as FingerprintModule from '../../../core/detection/fingerprint.ts';
import type * as JudgeModule from '../../../core/detection/judge.ts';
import type * as JudgeRecordsModule from '../../../core/detection/judge-records.ts';
import type * as OrderTotalModule from '../../../core/detection/order-total.ts';
import type * as OwnRefundsModule from '../../../core/detection/own-refunds.ts';
import type * as RecordTransitionsModule from '../../../core/detection/record-transitions.ts';
import type * as ReferenceModule from '../../../core/detection/refund-reference.ts';
import type * as ShortOrdersModule from '../../../core/detection/short-orders.ts';
import type * as WindowTransitionsModule from '../../../core/detection/window-transitions.ts';
import type * as AllocateModule from '../../../core/refunds/allocate.ts';
import type * as ApprovalMacsModule from '../../../core/refunds/approval-macs.ts';
import type * as AwaitReadersModule from '../../../core/refunds/await-readers.ts';
import type * as CapRaiseModule from '../../../core/refunds/cap-raise.ts';
import type * as ConfirmModule from '../../../core/refunds/confirm.ts';
import type * as ConfirmationModule from '../../../core/refunds/confirmation.ts';
import type * as EvidenceModule from '../../../core/refunds/evidence.ts';
import type * as HourlyCapsModule from '../../../core/refunds/hourly-caps.ts';
import type * as PayerCasesModule from '../../../core/refunds/payer-cases.ts';
import type * as PolicyModule from '../../../core/refunds/policy.ts';
import type * as RecheckModule from '../../../core/refunds/recheck-surplus.ts';
import type * as ReverseModule from '../../../core/refunds/reverse.ts';
import type { Charges } from '../charges.ts';
import type { Attacker } from '../settings.ts';

interface Modules {
  readonly 'core/cases/flag-transitions.ts': typeof FlagTransitionsModule;
  readonly 'core/detection/epoch.ts': typeof EpochModule;
  readonly 'core/detection/order-total.ts': typeof OrderTotalModule;
  readonly 'core/detection/short-orders.ts': typeof ShortOrdersModule;
  readonly 'core/refunds/allocate.ts': typeof AllocateModule;
  readonly 'core/refunds/approval-macs.ts': typeof ApprovalMacsModule;
  readonly 'core/refunds/await-readers.ts': typeof AwaitReadersModule;
  readonly 'core/cases/raise-flags.ts': typeof RaiseModule;
  readonly 'core/detection/charge-amounts.ts': typeof AmountsModule;
  readonly 'core/detection/charge-record.ts': typeof RecordModule;
  readonly 'core/detection/charge-view.ts': typeof ViewModule;
  readonly 'core/detection/charge-window.ts': typeof WindowModule;
  readonly 'core/detection/claims.ts': typeof ClaimsModule;
  readonly 'core/detection/detector.ts': typeof DetectorModule;
  readonly 'core/detection/fingerprint.ts': typeof FingerprintModule;
  readonly 'core/detection/judge.ts': typeof JudgeModule;
  readonly 'core/detection/judge-records.ts': typeof JudgeRecordsModule;
  readonly 'core/detection/own-refunds.ts': typeof OwnRefundsModule;
  readonly 'core/detection/record-transitions.ts': typeof RecordTransitionsModule;
  readonly 'core/detection/refund-reference.ts': typeof ReferenceModule;
  readonly 'core/detection/window-transitions.ts': typeof WindowTransitionsModule;
  readonly 'core/refunds/cap-raise.ts': typeof CapRaiseModule;
  readonly 'core/refunds/confirm.ts': typeof ConfirmModule;
  readonly 'core/refunds/confirmation.ts': typeof ConfirmationModule;
  readonly 'core/refunds/evidence.ts': typeof EvidenceModule;
  readonly 'core/refunds/hourly-caps.ts': typeof HourlyCapsModule;
  readonly 'core/refunds/payer-cases.ts': typeof PayerCasesModule;
  readonly 'core/refunds/policy.ts': typeof PolicyModule;
  readonly 'core/refunds/recheck-surplus.ts': typeof RecheckModule;
  readonly 'core/refunds/reverse.ts': typeof ReverseModule;
}

/** The product with one rule of the design taken away, by another implementation of a function or a port. */
export type Mutant = {
  readonly rule: string;
  /** Who must be let in for the rule to matter. */
  readonly attacker?: Attacker;
} & (
  | { readonly kind: 'store'; readonly wrap: (stores: Charges) => Charges }
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

/** The stores as they are, and what the mutant has instead of some of their methods. */
export function withoutInStore<Port extends keyof Charges>(
  port: Port,
  rule: string,
  change: (stores: Charges) => Partial<Charges[Port]>,
): Mutant {
  return { kind: 'store', rule, wrap: (stores) => ({ ...stores, [port]: { ...stores[port], ...change(stores) } }) };
}

export const AMOUNTS = 'core/detection/charge-amounts.ts';
export const EVIDENCE = 'core/refunds/evidence.ts';
export const FACTS = 'core/detection/record-transitions.ts';
export const FILING = 'core/detection/window-transitions.ts';
export const CLAIMS = 'core/detection/claims.ts';
export const RECORD = 'core/detection/charge-record.ts';
export const TOTALS = 'core/detection/order-total.ts';
export const VIEW = 'core/detection/charge-view.ts';
export const WINDOW = 'core/detection/charge-window.ts';
export const RAISE = 'core/cases/raise-flags.ts';
export const CONFIRMATION = 'core/refunds/confirmation.ts';
export const POLICY = 'core/refunds/policy.ts';
