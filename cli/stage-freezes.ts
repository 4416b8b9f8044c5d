import { createStageFreezes } from '../adapters/dynamodb/stage-freezes.ts';
import { NO_VERSION_1 } from '../adapters/dynamodb/table-layouts.ts';
import { systemRuntime } from '../adapters/system-runtime.ts';
import type { FreezeStore } from '../core/refunds/freeze.ts';
import type { Deployment } from './stack.ts';

/** Reads the freeze orders of what is deployed. Its API alone issues them. */
export function freezesOf({ aws, outputs }: Deployment): Pick<FreezeStore, 'newestOrders'> {
  const version1Windows = outputs.WindowsTableName ?? NO_VERSION_1;
  return createStageFreezes({
    client: aws.dynamo,
    table: outputs.ControlsTableName,
    version1Windows,
    ...systemRuntime,
  });
}
