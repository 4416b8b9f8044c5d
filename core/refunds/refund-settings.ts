import type { Minor, Ms } from '../brands.ts';
import type { SourceCatalog } from '../events/source.ts';

/** Minor units by ISO 4217 code. A currency without an entry has no bound. */
export type MinorByCurrency = Readonly<Record<string, Minor>>;

/** What a stage's configuration says about refunds: `docs/holds.md` explains each bound. */
export interface RefundSettings extends SourceCatalog {
  /** What becomes of events older than `retain`: judged and held, or judged as if they were new. */
  readonly history: 'hold' | 'judge';
  readonly refunds: {
    /** A refund above it waits until an approver approves. */
    readonly limitMinor: MinorByCurrency;
    /** Refunded value per clock hour (UTC); beyond it automatic refunds wait. */
    readonly budgetPerHourMinor: { readonly merchant: MinorByCurrency; readonly total: MinorByCurrency };
    /** The second cap: refunded value per clock hour (UTC), automatic and approved together. */
    readonly capPerHourMinor: { readonly merchant: MinorByCurrency; readonly total: MinorByCurrency };
    /** Above it two different approvers must agree, also to keep the charge. */
    readonly twoPeopleAboveMinor: MinorByCurrency;
    /** What one approver may release alone in one clock hour (UTC); beyond it another approver must agree. */
    readonly approverPerHourMinor: MinorByCurrency;
    readonly holds: {
      /** After this time without an answer the approvers are notified again. */
      readonly escalateAfterMs: Ms;
      /** After this time without an answer the hold ends without a refund. */
      readonly expireAfterMs: Ms;
    };
    /** How fast the approval of a whole incident reaches its flags. */
    readonly bulkApprovalsPerSecond: number;
    /** Refunds in more cases of one payer within 24 hours wait for an approver. */
    readonly payerCasesPerDay: number;
    /** From a refund until the payer's account shows it, at the latest. */
    readonly arrivesWithinMs: Ms;
  };
  /** A merchant's own bounds, which replace the general ones. */
  readonly merchants: Readonly<
    Record<
      string,
      {
        readonly limitMinor?: MinorByCurrency | undefined;
        readonly budgetPerHourMinor?: MinorByCurrency | undefined;
        readonly capPerHourMinor?: MinorByCurrency | undefined;
      }
    >
  >;
}
