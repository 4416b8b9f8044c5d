import type { Flag } from '../../core/cases/flag.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { EndOfWorld } from './end-of-world.ts';
import { named } from './promises.ts';
import { clusterOf, idsOf, isStanding, type Member, membersOf, remainingOf, rootOf } from './standing.ts';
import type { KnownTotals } from './told-totals.ts';

const RESOLVED = 'promise 2, surplus is flagged and resolved';
/** What an approver must decide and what is only monitored stays as it is. */
const EXPLAINED: readonly (string | undefined)[] = ['failed', 'monitored', 'refunded-in-error'];

type World = Pick<EndOfWorld, 'configuration' | 'knowledge' | 'referee'>;

/** A charge that stands at the end, and what its flag has come to. */
interface Left {
  readonly member: Member;
  readonly status: Flag['status'] | undefined;
}

/** What stands in a window at the end beyond what is owed has its flag, and an approver or a refund has dealt with it. */
export function checkSurplus(window: ChargeWindow, flags: ReadonlyMap<string, Flag>, world: World): void {
  const { referee, knowledge } = world;
  const leftIn = (members: readonly Member[]): readonly Left[] =>
    members
      .filter((member) => isStanding(member, window) && !knowledge.isAnyGone(idsOf(member)))
      .map((member) => ({ member, status: flags.get(member.entry.id)?.status }));
  const all = leftIn(membersOf(window, referee.recordOf));
  const owed = window.closed?.owed ?? 1;
  for (const root of new Set(window.entries.map(rootOf))) {
    const left = leftIn(clusterOf(window, root, referee.recordOf));
    const explained = left.filter(({ status }) => EXPLAINED.includes(status));
    if (left.length - owed <= explained.length) continue;
    // The first is owed.
    const unflagged = left.slice(owed).filter(({ status }) => !EXPLAINED.includes(status));
    // What a stronger detector decided, that one flags: here it only counts, and only once it was dismissed.
    const isDecidedHere = ({ entry: { verdict } }: Member) =>
      verdict.kind === 'original' || verdict.detector === window.detector;
    const surplus =
      owed === 0
        ? unflagged
        : unflagged.filter(({ member }) => isDecidedHere(member) && mustBeFlagged(member, all, window, world));
    if (surplus.length === 0) continue;
    const stand = left.map(({ member, status }) => `${member.record.chargeId} ${status ?? 'unflagged'}`).join(', ');
    referee.break(RESOLVED, `${window.detector}: ${stand} stand, owed ${owed}`);
  }
  if (owed === 1) checkOverpaid(all, window, world);
  for (const member of membersOf(window, referee.recordOf)) checkContested(member, flags, world);
}

/**
 * Where no total is known, each copy; else those whose processors attest that an order is charged once, and those that fit
 * into what was paid beyond the total.
 */
function mustBeFlagged(member: Member, all: readonly Left[], window: ChargeWindow, world: World): boolean {
  const { record, entry } = member;
  const { charge } = record.capture;
  const { latest, mayBeUnknown } = totalsOf(window, member, world);
  if (latest.length === 0) return true;
  const original = world.referee.recordOf(rootOf(entry)) ?? record;
  const isChargedOnce = [charge.source, original.source].every((source) =>
    world.configuration.sourceOf(source)?.attests.has('single-charge'),
  );
  if (isChargedOnce) return true;
  if (mayBeUnknown) return false;
  const highestMinor = Math.max(...latest.map(({ totalMinor }) => totalMinor));
  return remainingOf(member) <= excessOf(all, charge.currency) - highestMinor;
}

/** An order that was overpaid by a charge that is no copy has a flag for it, where no other flag explains it. */
function checkOverpaid(all: readonly Left[], window: ChargeWindow, world: World): void {
  for (const { member, status } of all) {
    const { latest, mayBeUnknown, highestMinor } = totalsOf(window, member, world);
    const { currency } = member.record.capture.charge;
    if (latest.length === 0 || mayBeUnknown || all.some((left) => left.status !== undefined)) continue;
    const isAlone = all.every(
      (other) => other.member === member || rootOf(other.member.entry) !== rootOf(member.entry),
    );
    if (isAlone && status === undefined && remainingOf(member) <= excessOf(all, currency) - highestMinor) {
      world.referee.break(RESOLVED, `${member.record.chargeId} overpays its order, and has no flag`);
    }
  }
}

/** What stands in the currency, less what is explained. */
function excessOf(all: readonly Left[], currency: string): number {
  return all
    .filter(({ member, status }) => member.record.capture.charge.currency === currency && !EXPLAINED.includes(status))
    .reduce((sum, { member }) => sum + remainingOf(member), 0);
}

/** The totals that a window of orders has at the end are those that were told. */
export function totalsOf(
  window: ChargeWindow,
  { record }: Member,
  { configuration, knowledge, referee }: World,
): KnownTotals {
  const isOfOrders = configuration.detectors.find(({ id }) => id === window.detector)?.orders;
  if (!isOfOrders) return { latest: [], mayBeUnknown: true, highestMinor: 0 };
  const filed = new Set(membersOf(window, referee.recordOf).map((member) => named(member.record)));
  const bornMs = referee.births.get(window.fingerprint) ?? 0;
  return knowledge.totals.of(record.capture.charge, { bornMs, isFiled: (name) => filed.has(name) });
}

function checkContested({ record, entry }: Member, flags: ReadonlyMap<string, Flag>, { knowledge, referee }: World) {
  const isRefunded = record.ours?.state === 'refunded' && knowledge.isCertainlyDisputed(record);
  if (!isRefunded || flags.get(entry.id)?.contested) return;
  referee.break(
    'a dispute upon our refund is notified',
    `${record.chargeId} is disputed and refunded, and not contested`,
  );
}

/** Nothing is lost of what an order is to cost. */
export function checkTotals(window: ChargeWindow, world: World): void {
  for (const member of membersOf(window, world.referee.recordOf)) {
    const told = totalsOf(window, member, world);
    const { currency, chargeId } = member.record.capture.charge;
    const known = window.totals?.find((total) => total.currency === currency);
    const isLatest = told.latest.some(({ totalMinor }) => totalMinor === known?.totalMinor);
    const isTold = known === undefined ? told.mayBeUnknown : isLatest && known.highestMinor >= told.highestMinor;
    if (!isTold)
      world.referee.break('promise 4, nothing is lost', `the total of the order of ${chargeId} is not as told`);
  }
}
