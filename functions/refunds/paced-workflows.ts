import { SFNClient } from '@aws-sdk/client-sfn';
import { createWorkflows } from '../../adapters/stepfunctions/workflows.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { createPace, paced } from '../../core/refunds/pace.ts';
import type { Workflows } from '../../core/refunds/workflows.ts';
import { numberOf } from '../read-environment.ts';
import type { STARTS_ENVIRONMENT } from './environment.ts';

/** Composes workflows that start at the function's share of the pace that the region's quotas bear. */
export function pacedWorkflows(
  environment: {
    readonly [name in (typeof STARTS_ENVIRONMENT)[number]]: string;
  },
): Workflows {
  const workflows = createWorkflows({
    client: new SFNClient({}),
    stateMachineArn: environment.REFUND_STATE_MACHINE_ARN,
  });
  return paced(workflows, createPace({ perSecond: numberOf(environment, 'STARTS_PER_SECOND'), ...systemRuntime }));
}
