import { createMemoryBudgets } from '../../adapters/memory/budgets.ts';
import type { Flag, FlagIn } from '../../core/cases/flag.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { approve } from '../../core/refunds/decide-hold.ts';
import { reverse } from '../../core/refunds/reverse.ts';
import { AMOUNT_MINOR, captured, charge } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type RefundWorld, refundWorld } from '../fixtures/refund-world.ts';

type Shows = Readonly<Record<string, unknown>>;

/** The caps of the night, in refunds of one amount: three automatic ones an hour, five of all. */
export const BUDGET_MINOR = 3 * AMOUNT_MINOR;
export const CAP_MINOR = 5 * AMOUNT_MINOR;
export const CAPS = {
  budgetPerHourMinor: { total: { CNY: BUDGET_MINOR } },
  capPerHourMinor: { total: { CNY: CAP_MINOR } },
};

/** A night with one surplus charge `copy_<n>` in each of its orders. */
export async function nightOf(copies: number, refunds: Shows, shows: Shows = {}): Promise<RefundWorld> {
  const world = refundWorld(configuration({ refunds: { ...CAPS, ...refunds }, ...shows }));
  for (let n = 0; n < copies; n++) {
    const one = charge({ chargeId: `one_${n}`, order: `o_${n}`, payer: `p_${n}` });
    await world.deliver(captured(one), captured({ ...one, chargeId: `copy_${n}` }));
  }
  return world;
}

/** What the processor was asked to return, by now. */
export function movedMinor({ refunds }: RefundWorld): number {
  return [...refunds.values()].reduce((sum, minor) => sum + minor, 0);
}

export async function workAll(world: RefundWorld, copies: number): Promise<readonly Flag[]> {
  const worked: Flag[] = [];
  for (let n = 0; n < copies; n++) worked.push(await world.work(`copy_${n}`));
  return worked;
}

export async function approveAll(world: RefundWorld, copies: number, by: string): Promise<void> {
  for (let n = 0; n < copies; n++) {
    await approve({ flagId: world.flagOn(`copy_${n}`).id, by, reason: 'looked at it' }, world);
  }
}

/** The budget items of the Controls table are deleted. */
export function forgetBudgets(world: RefundWorld): void {
  Object.assign(world, { budgets: createMemoryBudgets() });
}

/**
 * Writes claim, reservation and flag of a charge by hand, as a role with every table but the outflows can, and runs the
 * last step. Where no limit asks for an approval, the caps alone bind it. `called` says that the gateway was called before.
 */
export async function forgeAndReverse(
  world: RefundWorld,
  chargeId: string,
  {
    called,
    amountMinor = AMOUNT_MINOR,
    isReservedOnce = false,
    under,
    shows = {},
  }: {
    readonly called?: true;
    readonly amountMinor?: number;
    /** The reservation is deleted after it was read for the first time. */
    readonly isReservedOnce?: boolean;
    /** Whose id and attempt record, reservation and flag get; that charge's own are overwritten. */
    readonly under?: Flag;
    /** What the flag says of its charge. */
    readonly shows?: Partial<Charge>;
  } = {},
) {
  const own = world.flagOn(chargeId);
  const flag = { ...own, id: under?.id ?? own.id };
  const attempt = { flagId: flag.id, attempt: flag.attempt };
  const [found, known] = await world.records.readRecords([own.id, flag.id], world.nowMs());
  if (found?.record === undefined || known === undefined) throw new Error(`${chargeId} has no record`);
  const claimed = {
    attempt: flag.attempt,
    state: 'claimed',
    refundMinor: amountMinor,
    atMs: world.nowMs(),
    restsOn: ['single-charge'],
    ...(called && { called }),
  } as const;
  const { version } = known;
  const forgedRecord = { ...found.record, id: flag.id, ours: claimed, version: version + 1 };
  await world.records.replaceRecord(forgedRecord, version);
  const { source, currency } = flag.charge;
  const reservation = { ...attempt, charge: { source, chargeId }, amountMinor, currency };
  const forged: FlagIn<'refunding'> = {
    ...flag,
    charge: { ...flag.charge, ...shows },
    status: 'refunding',
    refundMinor: amountMinor,
    claimedAtMs: world.nowMs(),
    restsOn: ['single-charge'],
  };
  let written: Flag = forged;
  let reads = 0;
  const cases: RefundWorld['cases'] = {
    ...world.cases,
    readFlags: async () => [written],
    commit: async ({ flags }) => {
      written = flags[0] ?? written;
      return 'committed';
    },
  };
  return reverse(attempt, {
    ...world,
    cases,
    reservations: { readReservation: async () => (isReservedOnce && reads++ > 0 ? undefined : reservation) },
  });
}
