import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approverSumKeyOf } from '../../adapters/dynamodb/approver-sum-item.ts';
import type { FlagId } from '../../core/brands.ts';
import type { Approval, Flag } from '../../core/cases/flag.ts';
import { approve } from '../../core/refunds/decide-hold.ts';
import { AMOUNT_MINOR, captured, charge, MINUTE, START_MS } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { idOf } from '../fixtures/views.ts';
import { controlWriters } from '../infra/control-writers.ts';
import { grantedTo } from '../infra/granted.ts';
import { resourcesOf, synthesize } from '../infra/synthesized.ts';
import { createStack } from './stack.ts';
import { approveAll, movedMinor, nightOf, workAll } from './stolen-night.ts';

/** Two refunds of the night's amount. */
const SUM_MINOR = 2 * AMOUNT_MINOR;
/** The total is counted in four parts (adapters/dynamodb/budget-counters.ts): each has room for all refunds of a test. */
const WIDE = { capPerHourMinor: { total: { CNY: 40 * AMOUNT_MINOR } } };
const SUM = { limitMinor: { CNY: 1 }, approverPerHourMinor: { CNY: SUM_MINOR } };

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb.stop());

/** Copies in the tables of AWS's own DynamoDB, each of which waits for an approver. */
async function waiting(copies: number) {
  const stack = await createStack(dynamodb, configuration({ refunds: { ...WIDE, ...SUM } }));
  const ids: FlagId[] = [];
  for (let n = 0; n < copies; n++) {
    const one = charge({ chargeId: `one_${n}`, order: `o_${n}`, payer: `p_${n}` });
    const copy = { ...one, chargeId: `copy_${n}` };
    await stack.deliver(captured(one), captured(copy, { timeMs: START_MS + MINUTE }));
    const id = idOf(copy);
    expect(await stack.work(id)).toMatchObject({ status: 'held', wait: { waitsFor: ['limit'] } });
    ids.push(id);
  }
  const approves = (by: string, flagId: FlagId) => approve({ flagId, by, reason: 'a copy' }, stack);
  return { stack, ids, approves };
}

it('C19: one approver releases many small refunds, at most up to the sum of the hour', async () => {
  const world = await nightOf(6, SUM);
  await workAll(world, 6);
  await approveAll(world, 6, 'ann');
  await approveAll(world, 6, 'ann');
  await workAll(world, 6);
  expect(movedMinor(world)).toBe(SUM_MINOR);
  // Each of the others waits for another approver.
  await approveAll(world, 3, 'bob');
  await workAll(world, 3);
  expect(movedMinor(world)).toBe(3 * AMOUNT_MINOR);
});

describe('C20: the mark of an approval within its approver’s sum', () => {
  async function beyond() {
    const { stack, ids, approves } = await waiting(3);
    for (const id of ids) await approves('ann', id);
    const [marked, , id] = ids;
    if (marked === undefined || id === undefined) throw new Error('there are three');
    const flag = await stack.readFlag(id);
    if (flag.status !== 'held') throw new Error(`the flag is ${flag.status}`);
    const letGo = async (approvals: readonly Approval[]): Promise<Flag> => {
      await stack.putFlag({ ...flag, status: 'approved', approvals, version: flag.version + 1 });
      return stack.work(id);
    };
    return { stack, flag, marked, letGo };
  }

  it('counts for nothing where it is added to a real approval', async () => {
    const { stack, flag, letGo } = await beyond();
    expect(flag.approvals).toMatchObject([{ by: 'ann' }]);
    const forged = flag.approvals.map((approval) => ({ ...approval, alone: true as const }));
    expect(await letGo(forged)).toMatchObject({ status: 'held', approvals: [] });
    expect(stack.refunds.size).toBe(0);
    expect(stack.forged).toHaveLength(1);
  });

  it('counts for nothing where it is copied with its MAC from another flag', async () => {
    const { stack, marked, letGo } = await beyond();
    expect(await letGo((await stack.readFlag(marked)).approvals)).toMatchObject({ status: 'held', approvals: [] });
    expect(stack.refunds.size).toBe(0);
  });

  it('is missing: the approval alone lets nothing go', async () => {
    const { stack, flag, letGo } = await beyond();
    expect(await letGo(flag.approvals)).toMatchObject({ status: 'held' });
    expect(stack.refunds.size).toBe(0);
  });
});

it('C21: approvals race for the last room of their approver’s sum', async () => {
  const { stack, ids } = await waiting(5);
  const asked = ids.flatMap((flagId) => [flagId, flagId]);
  await Promise.all(asked.map((flagId) => approve({ flagId, by: 'ann', reason: 'a copy' }, stack)));
  for (const id of ids) await stack.work(id);
  expect(stack.refunds.size).toBe(SUM_MINOR / AMOUNT_MINOR);
});

it('C22: a role that makes no approval can neither write the sums nor delete them, and none can delete them', () => {
  const template = synthesize('prod');
  const key = approverSumKeyOf({ kind: 'approver', by: 'ann', nowMs: START_MS }, 'CNY');
  const isOfKey = (pattern: string) => key.startsWith(pattern.replace(/\*$/, ''));
  const writing = controlWriters(template).filter(({ keys }) => keys.some(isOfKey));
  expect(writing.map(({ role }) => role).sort()).toEqual(['ApiDecideRole', 'JobsApproveRole']);
  const deleting = resourcesOf(template, 'AWS::IAM::Role').filter(
    ([id]) =>
      /ApiDecideRole|JobsApproveRole/.test(id) && grantedTo(template, id).has('dynamodb:DeleteItem RefundsControls'),
  );
  expect(deleting).toEqual([]);
});
