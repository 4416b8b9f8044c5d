import type { MemoryApproverSums } from '../../adapters/memory/approver-sums.ts';
import type { MemoryBudgets } from '../../adapters/memory/budgets.ts';
import type { MemoryOutflows } from '../../adapters/memory/outflows.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { releaseName } from '../../core/refunds/approver-sums.ts';
import type { Outflow } from '../../core/refunds/outflow.ts';
import type { ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { HOUR } from '../fixtures/charges.ts';
import { givenApprovals } from './given-approvals.ts';
import type { Processor } from './processor.ts';
import { TWO_PEOPLE_ABOVE_MINOR } from './settings.ts';

const CAPPED = 'promise 5, all refunds of an hour stay within the cap';
const BUDGETED = 'promise 5, the automatic refunds of an hour stay within the budget';
const APPROVED = 'promise 5, a refund that needs approvals has them';
const WITHIN_SUM = 'promise 5, what an approver releases alone in an hour stays within the sum';

/**
 * What an attacker's night is judged by: the sums that leave, whatever their cause. All else may be a lie that the attacker has
 * written or sent. A role that writes items may delete the budgets, so that the cap alone binds it.
 */
export const JUDGED = {
  producer: [CAPPED, BUDGETED, APPROVED],
  approver: [CAPPED, BUDGETED, APPROVED, WITHIN_SUM],
  writer: [CAPPED, APPROVED, WITHIN_SUM],
} as const;

interface Moved extends Pick<ReversalRequest, 'charge' | 'idempotencyKey' | 'refundMinor'> {
  /** When the hour began in which its budget was allocated; undefined where an approver's word let it go. */
  readonly budgetHourMs: number | undefined;
  /** The one approver on whose word it went, and the hour of it; undefined where it took none, or two. */
  readonly alone: string | undefined;
}

type Broken = readonly [promise: string, what: string];

/** The money that has left, by hour. */
export class Losses {
  readonly #moved: Moved[] = [];
  readonly #budgets: () => MemoryBudgets;
  readonly #outflows: MemoryOutflows;
  readonly #approverSums: MemoryApproverSums;
  readonly #processor: Processor;
  /** Every configuration that runs have had. */
  readonly #deployed: readonly Configuration[];

  constructor(world: {
    budgets: () => MemoryBudgets;
    outflows: MemoryOutflows;
    approverSums: MemoryApproverSums;
    processor: Processor;
    deployed: readonly Configuration[];
  }) {
    this.#budgets = world.budgets;
    this.#outflows = world.outflows;
    this.#approverSums = world.approverSums;
    this.#processor = world.processor;
    this.#deployed = world.deployed;
  }

  /** Notes a refund at the moment at which its money moves. Returns the promises of sums that it breaks. */
  note(request: ReversalRequest, flag: Flag | undefined): readonly Broken[] {
    const { charge, idempotencyKey, refundMinor } = request;
    const isApproved = flag?.status === 'refunding' && flag.restsOn.includes('approval');
    const budgetHourMs = isApproved ? undefined : this.#budgets().hourOf(idempotencyKey);
    const alone = isApproved ? this.#aloneBy(flag) : undefined;
    this.#moved.push({ charge, idempotencyKey, refundMinor, budgetHourMs, alone });
    const found: Broken[] = [];
    const beyond = this.#beyondCap(request);
    if (beyond !== undefined) found.push([CAPPED, `${charge.chargeId} is refunded: ${beyond}`]);
    const overspent = budgetHourMs !== undefined && this.#beyondBudget(budgetHourMs, charge.currency);
    if (overspent) found.push([BUDGETED, `${charge.chargeId} is refunded: ${overspent}`]);
    const unapproved = this.#unapproved(request, flag, isApproved);
    if (unapproved !== undefined) found.push([APPROVED, `${charge.chargeId} is refunded: ${unapproved}`]);
    const released = alone !== undefined && this.#beyondSum(alone, charge.currency);
    if (released) found.push([WITHIN_SUM, `${charge.chargeId} is refunded: ${released}`]);
    return found;
  }

  /** Returns what moved in the hour in which most did. */
  get worstHourMinor(): number {
    const hours = Map.groupBy(this.#moved, ({ idempotencyKey }) => hourOf(this.#outflowOf(idempotencyKey)));
    return Math.max(0, ...[...hours.values()].map(sumOf));
  }

  /**
   * Returns why a refund passes the cap of the hour in which it was counted. The call may come a moment after that hour, so
   * the hour of the count is the one that is summed up.
   */
  #beyondCap({ idempotencyKey, refundMinor }: ReversalRequest): string | undefined {
    const own = this.#outflowOf(idempotencyKey);
    if (own?.refundMinor !== refundMinor) return `${refundMinor}, and ${own?.refundMinor} is counted`;
    const ofHour = this.#outflows
      .all()
      .filter((each) => hourOf(each) === hourOf(own) && each.currency === own.currency);
    const sumMinor = sumOf(ofHour);
    return sumMinor > this.#highest(({ refunds }) => refunds.capPerHourMinor.total[own.currency])
      ? `${sumMinor} in an hour`
      : undefined;
  }

  /** A refund that has failed after it was done is with the merchant again. */
  #beyondBudget(hourMs: number, currency: string): string | undefined {
    const gone = this.#moved.filter(
      ({ charge, idempotencyKey, budgetHourMs }) =>
        budgetHourMs === hourMs &&
        charge.currency === currency &&
        this.#processor.bookOf(charge).ours.has(idempotencyKey),
    );
    const sumMinor = sumOf(gone);
    return sumMinor > this.#highest(({ refunds }) => refunds.budgetPerHourMinor.total[currency])
      ? `${sumMinor} in an hour`
      : undefined;
  }

  /** Names the approver who alone has let the refund go, and the hour in whose sum it counts. */
  #aloneBy(flag: Flag): string | undefined {
    const [given, ...more] = givenApprovals(flag);
    if (given === undefined || more.length > 0) return undefined;
    const { by, atMs: nowMs } = given;
    const hourMs = this.#approverSums.hourOf({ kind: 'approver', by, nowMs }, releaseName(flag, flag.attempt));
    return `${by} in the hour of ${hourMs}`;
  }

  #beyondSum(alone: string, currency: string): string | undefined {
    const sumMinor = sumOf(this.#moved.filter((each) => each.alone === alone && each.charge.currency === currency));
    const maxMinor = this.#highest(({ refunds }) => refunds.approverPerHourMinor[currency]);
    return sumMinor > maxMinor ? `${sumMinor} on the word of ${alone}` : undefined;
  }

  #unapproved(
    { charge: { currency }, refundMinor }: ReversalRequest,
    flag: Flag | undefined,
    isApproved: boolean,
  ): string | undefined {
    if (!isApproved && refundMinor <= this.#highest(({ refunds }) => refunds.limitMinor[currency])) return undefined;
    const approvers = new Set(flag && givenApprovals(flag).map(({ by }) => by)).size;
    const needed = refundMinor > TWO_PEOPLE_ABOVE_MINOR ? 2 : 1;
    return approvers < needed ? `${refundMinor}, and of ${needed} approvers ${approvers} have approved` : undefined;
  }

  #outflowOf(name: string): Outflow | undefined {
    return this.#outflows.all().find((each) => each.name === name);
  }

  /** Runs that began under another configuration go on with it. */
  #highest(boundOf: (configuration: Configuration) => number | undefined): number {
    return Math.max(...this.#deployed.map((each) => boundOf(each) ?? Number.POSITIVE_INFINITY));
  }
}

function hourOf(outflow: Pick<Outflow, 'nowMs'> | undefined): number {
  return Math.floor((outflow?.nowMs ?? 0) / HOUR);
}

function sumOf(all: readonly { readonly refundMinor: number }[]): number {
  return all.reduce((sum, { refundMinor }) => sum + refundMinor, 0);
}
