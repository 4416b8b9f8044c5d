import { createMemoryApprovalMacs } from '../../adapters/memory/approval-macs.ts';
import { createMemoryApproverSums } from '../../adapters/memory/approver-sums.ts';
import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import { createMemoryCapRaises } from '../../adapters/memory/cap-raises.ts';
import { createMemoryCaseStore } from '../../adapters/memory/case-store.ts';
import { createMemoryCharges } from '../../adapters/memory/charges.ts';
import { createMemoryFreezeStore } from '../../adapters/memory/freeze-store.ts';
import { createMemoryLagStore } from '../../adapters/memory/lag-store.ts';
import { createMemoryOutflows } from '../../adapters/memory/outflows.ts';
import { createMemorySuspensionStore } from '../../adapters/memory/suspension-store.ts';

/** All that a stack remembers, without faults. */
export function createStores() {
  return {
    cases: createMemoryCaseStore(),
    charges: createMemoryCharges(),
    approvalMacs: createMemoryApprovalMacs(),
    approverSums: createMemoryApproverSums(),
    budgets: createMemoryBudgets(),
    raises: createMemoryCapRaises(),
    outflows: createMemoryOutflows(),
    freezes: createMemoryFreezeStore(),
    lag: createMemoryLagStore(),
    suspensions: createMemorySuspensionStore(),
  };
}

export type Stores = ReturnType<typeof createStores>;
