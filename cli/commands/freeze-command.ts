import { sweepNow } from '../../adapters/lambda/sweep-now.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { iso } from '../../core/clock-units.ts';
import {
  type FreezeContext,
  type FreezeOrder,
  type FreezeOutcome,
  type FreezeRequest,
  freeze,
  type ThawOutcome,
  thaw,
} from '../../core/refunds/freeze.ts';
import { UserError } from '../../core/user-error.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { freezesOf } from '../stage-freezes.ts';
import { byOption, reasonOption } from '../text-option.ts';

interface FreezeOptions extends FreezeRequest {
  readonly stage: string;
}

export async function freezeCommand({ stage, ...options }: FreezeOptions): Promise<void> {
  const request = checked(options);
  const deployment = await findDeployment(stage);
  console.log(describeFreeze(request, await freeze(request, contextOf(deployment))));
}

/** A thaw that changed nothing runs the sweep too: the sweep of the thaw before may have failed. */
export async function thawCommand({ stage, ...options }: FreezeOptions): Promise<void> {
  const request = checked(options);
  const deployment = await findDeployment(stage);
  console.log(describeThaw(request, await thaw(request, contextOf(deployment))));
  const released = await sweepNow(deployment.aws.lambda, deployment.outputs.SweepFunctionName);
  console.log(`The sweep released ${released} held refunds.`);
}

function contextOf(deployment: Deployment): FreezeContext {
  return { freezes: freezesOf(deployment), nowMs: systemRuntime.nowMs };
}

function checked({ merchant, by, reason }: FreezeRequest): FreezeRequest {
  return { merchant, by: byOption(by), reason: reasonOption(reason) };
}

export function describeFreeze({ merchant }: Pick<FreezeRequest, 'merchant'>, outcome: FreezeOutcome): string {
  const what = refundsOf(merchant);
  if (outcome.kind === 'already') return `No change: ${what} were frozen before${byWhom(outcome.standing)}`;
  const only = merchant === undefined ? '' : ` --merchant ${merchant}`;
  return `Froze ${what}. Detection goes on, and new flags wait. End it with: onecharge thaw${only} --reason TEXT`;
}

export function describeThaw({ merchant }: Pick<FreezeRequest, 'merchant'>, outcome: ThawOutcome): string {
  const what = refundsOf(merchant);
  if (outcome.kind === 'refused') throw new UserError(`Refunds stay frozen. ${outcome.standing.reason}`);
  const done = outcome.kind === 'changed' ? `Thawed ${what}.` : `No change: no freeze of ${what} stood.`;
  if (outcome.stillFrozen === undefined) return done;
  return `${done} But all refunds are frozen${byWhom(outcome.stillFrozen)} End that with: onecharge thaw --reason TEXT`;
}

function refundsOf(merchant: string | undefined): string {
  return merchant === undefined ? 'all refunds' : `the refunds of merchant ${merchant}`;
}

function byWhom(order: FreezeOrder | undefined): string {
  return order === undefined ? '.' : `, by ${order.by} at ${iso(order.atMs)}: ${order.reason}.`;
}
