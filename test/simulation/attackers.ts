import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import { withChanges } from '../../core/cases/case.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { isUnclaimed } from '../../core/detection/charge-record.ts';
import type { Charge, PaymentEvent } from '../../core/events/payment-event.ts';
import { type CapRaiseContext, confirmRaise, requestRaise } from '../../core/refunds/cap-raise.ts';
import { type ApprovalContext, approve } from '../../core/refunds/decide-hold.ts';
import { captured, DAY, HOUR, orderClosed, refunded, SECOND, voided, WALLET } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { type ForgeWorld, forgeApprovals, forgeClaim } from './forge.ts';
import type { Run } from './scheduler.ts';
import { type Attacker, CAP_PER_HOUR_MINOR } from './settings.ts';
import type { Stores } from './stores.ts';

const VISITS = 30;

export interface AttackWorld extends ForgeWorld {
  /** What has been charged by now. */
  readonly charges: () => readonly Charge[];
  readonly put: (event: PaymentEvent) => void;
  readonly contextOf: (run: Run) => ApprovalContext & CapRaiseContext;
}

type Act = (world: AttackWorld) => Promise<void>;

const ACTS: { readonly [attacker in Attacker]: Act } = {
  producer: async (world) => forgeEvent(world),
  approver: approveEverything,
  writer: (world) => world.random.pick(WRITES)(world),
};

/** The attacker comes again and again. A refusal or a lost answer changes nothing. */
export function letIn(attacker: Attacker, world: AttackWorld): void {
  const { random, scheduler } = world;
  for (let n = 0; n < VISITS; n++) {
    void scheduler.sleep(random.integer(60, 180 * 60) * SECOND).then(() => ACTS[attacker](world).catch(() => {}));
  }
}

/** Signs with the wallet's key whatever makes a charge look like one too many, or like one that no longer stands. */
function forgeEvent({ random, charges, scheduler, put }: AttackWorld): void {
  const own = random.shuffled(charges().filter(({ source }) => source === WALLET));
  const [of, other = of] = own;
  if (of === undefined || other === undefined) return;
  const timeMs = scheduler.nowMs() - random.pick([0, 0, random.integer(1, 600)]) * SECOND;
  const chargeId = `forged_${random.integer(0, 1_000_000)}`;
  const { source, merchant, order, currency } = of;
  const totalMinor = random.pick([1, of.amountMinor]);
  const onOrder = { timeMs, source, merchant, order: order ?? 'none' };
  const forge = random.pick<() => PaymentEvent>([
    // An invented charge beside a real one, which then looks like the original or like the copy.
    () => captured({ ...of, chargeId }, { timeMs }),
    () => captured({ ...of, chargeId, payment: of.payment ?? of.chargeId }, { timeMs }),
    // A real charge under the order of another; and its own order with a total that it passes.
    () => captured({ ...of, order: other.order }, { timeMs }),
    () => captured(of, { timeMs, orderTotalMinor: totalMinor }),
    () => orderClosed('paid', { ...onOrder, total: { amountMinor: totalMinor, currency } }),
    () => orderClosed('unpaid', onOrder),
    () => orderClosed('unpaid', onOrder),
    () => voided(other, { timeMs }),
    () => refunded(other, random.pick([1, other.amountMinor]), { timeMs }),
  ]);
  put(forge());
}

/** Approves all that waits, twice, and raises the cap alone. */
async function approveEverything({ stores, scheduler, contextOf }: AttackWorld): Promise<void> {
  const by = 'eve';
  const untilMs = scheduler.nowMs() + HOUR;
  const raise = { currency: 'CNY', maxMinor: 5 * CAP_PER_HOUR_MINOR, untilMs, reason: 'a raise', by };
  await scheduler.invoke('raise', async (run) => {
    const asked = await requestRaise(raise, contextOf(run));
    if (asked.kind !== 'refused') await confirmRaise({ id: asked.raise.id, by }, contextOf(run));
  });
  for (const { id: flagId, status } of stores.cases.allFlags()) {
    if (status !== 'held' && status !== 'expired' && status !== 'failed') continue;
    for (const reason of ['looked at it', 'looked again']) {
      await scheduler.invoke('approve', (run) => approve({ flagId, by, reason }, contextOf(run))).catch(() => {});
    }
  }
}

/** What a role writes by hand that may write the tables of charges, cases, reservations and budgets. */
const WRITES: readonly [Act, ...Act[]] = [
  forgeRefund,
  forgeRefund,
  forgeRefund,
  forgeClaim,
  forgeApprovals,
  async ({ stores }) => {
    stores.budgets = createMemoryBudgets();
  },
  raiseAmount,
  releaseClaim,
];

/** Claim, reservation and flag of a charge that no one has judged to be refunded. The sweep starts what looks lost. */
async function forgeRefund({ stores: { cases, charges }, random, scheduler }: AttackWorld): Promise<void> {
  const [flag] = random.shuffled(cases.allFlags().filter(({ status }) => status !== 'refunding'));
  const record = charges.records.all().find(({ id }) => id === flag?.id);
  if (flag === undefined || record?.capture === undefined || !isUnclaimed(record)) return;
  const { chargeId, source, currency, amountMinor } = record.capture.charge;
  const { id: flagId, attempt } = flag;
  const oldMs = scheduler.nowMs() - 7 * DAY;
  const claimed = {
    attempt,
    state: 'claimed',
    refundMinor: amountMinor,
    atMs: oldMs,
    restsOn: ['single-charge'],
  } as const;
  const called = random.chance(0.5) && { called: true as const };
  const ours = { ...claimed, ...called };
  await charges.records.replaceRecord({ ...record, ours, version: record.version + 1 }, record.version);
  await charges.claims.insertReservation({ flagId, attempt, charge: { source, chargeId }, amountMinor, currency });
  await writeFlag(cases, flag, {
    ...flag,
    status: 'refunding',
    updatedAtMs: oldMs,
    claimedAtMs: oldMs,
    refundMinor: amountMinor,
    restsOn: ['single-charge'],
    version: flag.version + 1,
  });
}

/** A charge of a hundred is one of a thousand. */
async function raiseAmount({ stores: { charges }, random }: AttackWorld): Promise<void> {
  const [record] = random.shuffled(charges.records.all());
  if (record?.capture === undefined) return;
  const { charge } = record.capture;
  const capture = { ...record.capture, charge: { ...charge, amountMinor: 10 * charge.amountMinor } };
  await charges.records.replaceRecord({ ...record, capture, version: record.version + 1 }, record.version);
}

/** A refund that is done is as good as never begun: its charge stands, and its flag is open. */
async function releaseClaim({ stores: { cases, charges }, random }: AttackWorld): Promise<void> {
  const [flag] = random.shuffled(cases.allFlags().filter(({ status }) => status === 'refunded'));
  const record = charges.records.all().find(({ id }) => id === flag?.id);
  if (flag === undefined || record === undefined) return;
  const { ours: _, ...unclaimed } = record;
  await charges.records.replaceRecord({ ...unclaimed, version: record.version + 1 }, record.version);
  const attempt = flag.attempt + random.integer(0, 1);
  await writeFlag(cases, flag, { ...flag, status: 'open', attempt, approvals: [], version: flag.version + 1 });
}

/** The audit has an entry of it, for the chain is whole wherever a role writes as the code does. */
async function writeFlag(cases: Stores['cases'], before: Flag, after: Flag): Promise<void> {
  const act = { actor: 'system:detect', atMs: after.updatedAtMs, reason: 'a forgery' };
  await cases.commit(withChanges(await cases.readCase(before.caseId), [{ before, after, act }], digests));
}
