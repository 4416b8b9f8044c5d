import type { Minor, Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { type PlainDigests, payerHashOf } from '../detection/fingerprint.ts';
import { attemptName } from '../detection/refund-reference.ts';
import type { Allocation, Budgets } from './budgets.ts';
import { hourlyBudgetsOf, hourlyCapsOf } from './hourly-caps.ts';
import type { PayerCase } from './payer-cases.ts';
import { hasAnswered, isApproved } from './policy.ts';
import type { RefundSettings } from './refund-settings.ts';

/** What counting refunds takes. */
export interface AllocationContext<Methods extends keyof Budgets> {
  readonly configuration: RefundSettings & Pick<DetectorCatalog, 'namespaceOf'>;
  readonly digests: Pick<PlainDigests, 'hash128'>;
  readonly budgets: Pick<Budgets, Methods>;
  readonly nowMs: () => Ms;
}

/** Returns how many other cases of the flag's payer had a refund within 24 hours; undefined where no payer is known. */
export async function readOtherCases(
  flag: Flag,
  context: AllocationContext<'otherCases'>,
): Promise<number | undefined> {
  const payer = payerCaseOf(flag, context);
  return payer && context.budgets.otherCases(payer, context.nowMs());
}

/** Returns what a refund counts at the budgets of the hour and at its payer. */
export function allocationOf(
  flag: Flag,
  {
    refundMinor,
    replay,
  }: {
    readonly refundMinor: Minor;
    /** A run before this one was granted the claim. */
    readonly replay: boolean;
  },
  context: Omit<AllocationContext<never>, 'budgets'>,
): Allocation {
  const { configuration, nowMs } = context;
  const { merchant, currency } = flag.charge;
  // The counters have all refunds of the hour. An approver has seen the budget spent: the second cap binds the refund.
  const caps = (isApproved(flag, configuration) ? hourlyCapsOf : hourlyBudgetsOf)(flag.charge, configuration);
  const payer = payerCaseOf(flag, context);
  const isPayerFree = replay || hasAnswered(flag, 'payer-often', configuration);
  const casesMax = isPayerFree ? undefined : configuration.refunds.payerCasesPerDay;
  const counted = { name: attemptName(flag), merchant, currency, refundMinor, nowMs: nowMs() };
  return { ...counted, ...caps, ...(payer && { payer: { ...payer, casesMax } }) };
}

function payerCaseOf(
  { caseId, charge }: Flag,
  { configuration, digests }: Pick<AllocationContext<never>, 'configuration' | 'digests'>,
): PayerCase | undefined {
  const payer = payerHashOf(charge, { digests, namespaceOf: configuration.namespaceOf });
  return payer === undefined ? undefined : { payer, caseId };
}
