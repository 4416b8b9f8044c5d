import { describe, expect, it } from 'vitest';
import { allocationKey } from '../../adapters/dynamodb/allocation-item.ts';
import { approverSumKeyOf, releaseKeyOf } from '../../adapters/dynamodb/approver-sum-item.ts';
import { countersOf } from '../../adapters/dynamodb/budget-counters.ts';
import { capRaisesKeyOf, encodeCapRaiseAct } from '../../adapters/dynamodb/cap-raise-item.ts';
import { encodeFreezeAct, freezeKeyOf, thawRequestKeyOf } from '../../adapters/dynamodb/freeze-item.ts';
import { MIGRATION_KEY } from '../../adapters/dynamodb/migration-item.ts';
import { outflowKeyOf } from '../../adapters/dynamodb/outflow-item.ts';
import { payerKeyOf } from '../../adapters/dynamodb/payer-item.ts';
import { raiseEndKeyOf } from '../../adapters/dynamodb/raise-ends.ts';
import { CONTROL_KEYS } from '../../adapters/dynamodb/table-layouts.ts';
import { asJobId } from '../../core/brands.ts';
import { FUNCTIONS_ON_MONEY_PATH } from '../../core/refunds/largest-loss.ts';
import { START_MS } from '../fixtures/charges.ts';
import { controlWriters, rolePolicy as policy, WRITES } from './control-writers.ts';
import { nameOf } from './granted.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const template = synthesize('prod');
/** Tables whose items decide about refunds. The sandbox's books move no real money. */
const MONEY_TABLES = /^(DetectionCharges|CasesTable|RefundsControls|RefundsReservations|AlertsIncidents|JobsTable)$/;

const starred = (prefixes: readonly string[]) => prefixes.map((prefix) => `${prefix}*`);

/** The functions whose roles may write there, or have the gateways: `CasesSealRole` is `seal`. */
function onMoneyPath(): readonly string[] {
  const writing = resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) => {
    const { PolicyDocument, Roles } = policy.parse(Properties);
    const isWriting = PolicyDocument.Statement.some(
      ({ Action, Resource }) =>
        Action.some((action) => WRITES.test(action)) && Resource.some((on) => MONEY_TABLES.test(nameOf(on))),
    );
    return isWriting ? Roles.map(({ Ref }) => nameOf({ Ref })) : [];
  });
  const names = writing.map((role) => /([A-Z][a-z]+)Role$/.exec(role)?.[1]?.toLowerCase() ?? role);
  return [...new Set([...names, 'assess', 'reverse'])].sort();
}

it('every function that can write on the path of money has a largest loss', () => {
  expect([...FUNCTIONS_ON_MONEY_PATH].sort()).toEqual(onMoneyPath());
});

describe('the Controls table', () => {
  it('lets each role write the keys that are its own, and only `reverse` the outflows, only approvals the sums of approvers', () => {
    const granted = Object.fromEntries(controlWriters(template).map(({ role, keys }) => [role, keys]));
    expect(granted).toEqual({
      ApiDecideRole: starred([...CONTROL_KEYS.approvers, ...CONTROL_KEYS.freezes, ...CONTROL_KEYS.raises]).sort(),
      JobsApproveRole: starred(CONTROL_KEYS.approvers),
      RefundsClaimRole: starred(CONTROL_KEYS.budgets).sort(),
      RefundsRecordRole: starred(CONTROL_KEYS.budgets).sort(),
      RefundsReverseRole: starred([...CONTROL_KEYS.budgets, ...CONTROL_KEYS.outflows]).sort(),
      RefundsSweepRole: starred([...CONTROL_KEYS.migration, ...CONTROL_KEYS.raiseEnds]),
    });
  });

  it('has no prefix that begins another', () => {
    const all: readonly string[] = Object.values(CONTROL_KEYS).flat();
    expect(all.filter((one) => all.some((other) => other !== one && one.startsWith(other)))).toEqual([]);
  });

  it('has keys that begin as the grants say', () => {
    const refund = { name: '0f-0', merchant: 'outflow#m', currency: 'CNY', refundMinor: 1, nowMs: START_MS };
    const unbound = { ...refund, merchantMaxMinor: undefined, totalMaxMinor: undefined };
    const order = { frozen: true, merchant: 'm_1', by: 'ann', reason: 'why', atMs: START_MS };
    const requested = { by: 'ann', atMs: START_MS };
    const raise = { id: 'CNY-0', currency: 'CNY', maxMinor: 1, untilMs: START_MS, reason: 'why', requested };
    const byAnn = { kind: 'approver', by: 'outflow#ann', nowMs: START_MS } as const;
    const byOrder = { kind: 'order', jobId: asJobId('outflow#'), nowMs: START_MS } as const;
    const keys = {
      budgets: [...countersOf(unbound, 'budget').map(({ pk }) => pk), allocationKey('0f-0'), payerKeyOf('p')],
      outflows: [...countersOf(unbound, 'outflow').map(({ pk }) => pk), outflowKeyOf('0f-0')],
      approvers: [byAnn, byOrder].flatMap((owner) => [
        approverSumKeyOf(owner, 'CNY'),
        releaseKeyOf({ owner, name: '0f' }),
      ]),
      freezes: [freezeKeyOf(undefined), freezeKeyOf('m_1'), encodeFreezeAct(order).pk?.S ?? '', thawRequestKeyOf('0f')],
      raises: [capRaisesKeyOf('CNY'), encodeCapRaiseAct(raise).pk?.S ?? ''],
      raiseEnds: [raiseEndKeyOf('CNY-0')],
      migration: [MIGRATION_KEY.pk.S],
    } satisfies { readonly [writer in keyof typeof CONTROL_KEYS]: readonly string[] };
    for (const [writer, of] of Object.entries(keys)) {
      const prefixes: readonly string[] = CONTROL_KEYS[writer as keyof typeof CONTROL_KEYS];
      expect(of.filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)))).toEqual([]);
    }
  });
});
