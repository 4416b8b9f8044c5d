import { type Flag, hasRefunded } from '../../core/cases/flag.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { EndOfWorld } from './end-of-world.ts';
import { idsOf, isStanding, type Member, membersOf, remainingOf, rootOf } from './standing.ts';
import { totalsOf } from './surplus-check.ts';

const SHORT = 'an order that is short after our refund is marked';

type World = Pick<EndOfWorld, 'configuration' | 'knowledge' | 'referee'>;

/**
 * An order that keeps less than it owes after our refund has a flag that says so, whose alert went out once. Where
 * an approver had seen that the refund empties the order, nothing is new.
 */
export function checkShort(window: ChargeWindow, flags: ReadonlyMap<string, Flag>, world: World): void {
  if (window.closed?.owed === 0) return;
  const all = membersOf(window, world.referee.recordOf);
  // What has become of a charge whose record has expired is not known.
  if (all.length < window.entries.length) return;
  // A claim that was written by hand takes a charge away, and no event or step follows it.
  if (all.some(({ entry }) => world.referee.isForged(entry))) return;
  const isOfOrders = world.configuration.detectors.find(({ id }) => id === window.detector)?.orders === true;
  const isEmptied = isOfOrders && !all.some((member) => isPaying(member, window));
  const unmarked = (members: readonly Member[], isOfAny: boolean) => {
    const ours = members
      .flatMap(({ entry }) => flags.get(entry.id) ?? [])
      .filter((flag) => hasRefunded(flag) && (isOfAny || flag.detector === window.detector));
    const isSeen = ours.some((flag) => flag.short !== undefined || wasSeen(flag));
    return isSeen ? undefined : ours.find(({ status }) => status === 'refunded');
  };
  for (const cluster of Map.groupBy(all, ({ entry }) => rootOf(entry)).values()) {
    // With a total, the order owes that.
    const isOwedByTotal = cluster.some((member) => totalsOf(window, member, world).latest.length > 0);
    if (isOwedByTotal || cluster.some((member) => isPaying(member, window))) continue;
    // Another detector's refund leaves its cluster, and must leave the order a charge.
    report(unmarked(cluster, isEmptied), `nothing of its cluster is left in ${window.detector}`, world);
  }
  for (const [currency, members] of Map.groupBy(all, ({ record }) => record.capture.charge.currency)) {
    const [first] = members;
    const told = first && totalsOf(window, first, world);
    if (told === undefined || told.mayBeUnknown) continue;
    const leastMinor = Math.min(...told.latest.map(({ totalMinor }) => totalMinor));
    const paidMinor = members
      .filter((member) => isPaying(member, window))
      .reduce((sum, member) => sum + remainingOf(member), 0);
    if (paidMinor < leastMinor) {
      report(unmarked(members, isOfOrders), `${paidMinor} of ${leastMinor} ${currency} is left`, world);
    }
  }
}

function wasSeen({ approvals }: Flag): boolean {
  return approvals.some(({ saw }) => saw?.includes('empties-order'));
}

/** It stands, or an approver has kept it and others have not taken it back. */
function isPaying(member: Member, window: ChargeWindow): boolean {
  if (isStanding(member, window)) return true;
  const unkept = idsOf(member).map(({ kept: _, ...record }) => record);
  const [record, ...twins] = unkept;
  return member.record.kept !== undefined && record !== undefined && isStanding({ ...member, record, twins }, window);
}

function report(flag: Flag | undefined, what: string, { referee }: World): void {
  if (flag !== undefined) referee.break(SHORT, `${flag.charge.chargeId} is refunded, and ${what}`);
}

/** The alert of a short order goes out once. */
export function checkAlerts(flags: ReadonlyMap<string, Flag>, { referee }: World): void {
  for (const { id, short, charge } of flags.values()) {
    const alerts = referee.shortAlerts.get(id) ?? 0;
    if (alerts !== (short === undefined ? 0 : 1)) {
      referee.break(SHORT, `${alerts} alerts went out for ${charge.chargeId}`);
    }
  }
}
