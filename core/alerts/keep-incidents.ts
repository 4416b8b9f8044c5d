import { type ProcessedCharges, processedIn } from '../incidents/charge-meter.ts';
import { closed, type Incident, isDrained, isUnsent, looked, newOrders } from '../incidents/incident.ts';
import type { IncidentStore, LiveIncident } from '../incidents/incident-store.ts';
import { thresholdOf } from '../incidents/rate.ts';
import { covers, isBroader } from '../incidents/scope.ts';
import { largestMerchants, type Member, type Totals, totalsOf } from '../incidents/totals.ts';
import type { FreezeOrder, FreezeStore } from '../refunds/freeze.ts';
import { type OpenContext, openIncidents, sendLast } from './open-incidents.ts';

export interface KeepContext extends OpenContext {
  readonly incidents: OpenContext['incidents'] &
    Pick<IncidentStore, 'unfinishedIncidents' | 'noteMembers' | 'membersOf'>;
  readonly freezes: Pick<FreezeStore, 'newestOrders'>;
}

export interface Kept {
  readonly open: number;
  readonly digests: number;
  readonly closed: number;
}

const MERCHANTS_NAMED = 5;
/** Merchants whose own freezes are looked for while a broader incident is open. */
const MERCHANTS_LOOKED_AT = 20;

/** Cases are dated by other clocks than the incident. */
const SKEW_MS = 5_000;

/**
 * Every minute: opens what workers did not, and takes each unfinished incident one step further. Two runs at once are
 * harmless: each step is a conditional write, and only who wrote a message sends it; others do so when it stays unsent.
 */
export async function keepIncidents(context: KeepContext): Promise<Kept> {
  const live = await openIncidents(await context.incidents.liveIncidents(), context);
  const unfinished = await context.incidents.unfinishedIncidents();
  let [digests, ended] = [0, 0];
  for (const incident of unfinished) {
    const after = await keep(incident, live, context);
    if (after.messages > incident.messages) {
      if (after.status === 'closed') ended++;
      else digests++;
    }
  }
  const open = unfinished.length - ended;
  context.count('incidentsOpen', open);
  return { open, digests, closed: ended };
}

async function keep(incident: Incident, live: readonly LiveIncident[], context: KeepContext): Promise<Incident> {
  const atMs = context.nowMs();
  // One message at a time: the next one is written when this one is known to have gone out.
  if (incident.notified < incident.messages) return isUnsent(incident, atMs) ? sendLast(incident, context) : incident;
  if (incident.status === 'closing' && !isDrained(incident, atMs)) return incident;
  const members = await membersOf(incident, context);
  const merchants = largestMerchants(members, MERCHANTS_LOOKED_AT);
  const orders = await context.freezes.newestOrders(merchants.map(({ merchant }) => merchant));
  const look = {
    atMs,
    totals: totalsOf(members),
    merchants: merchants.slice(0, MERCHANTS_NAMED),
    orders: newOrders(incident, orders),
  };
  if (incident.status === 'closing') return say(incident, closed(incident, look), context);
  const isAbsorbed = live.some(
    ({ scope }) => isBroader(scope, incident.scope) && coversScope(scope, incident, members),
  );
  const isCalm = !isFrozen(incident, orders) && (await isBelow(incident, { members, totals: look.totals }, context));
  return say(incident, looked(incident, { ...look, isCalm, isAbsorbed }, context.settings.quietMs), context);
}

/** Writes what is next, and sends the message if there is a new one. Lost to another run, it is that one's business. */
async function say(before: Incident, after: Incident, context: KeepContext): Promise<Incident> {
  if (after === before) return before;
  if ((await context.incidents.saveIncident(after)) === 'conflict') return before;
  return after.messages > before.messages ? sendLast(after, context) : after;
}

/** With the cases that were opened in the window before the incident: they are why it was opened. */
async function membersOf(incident: Incident, { incidents }: KeepContext): Promise<readonly Member[]> {
  // The first digest is not written yet: what workers notified one by one before the opening is folded in now, once.
  if (incident.messages === 1) {
    const opened = await incidents.openedBetween(incident.sinceMs, incident.openedAtMs + SKEW_MS);
    const before = opened.filter((one) => covers(incident.scope, one)).map(({ member }) => member);
    await incidents.noteMembers(incident.id, before);
  }
  return incidents.membersOf(incident.id);
}

/** A narrower incident is absorbed when the broader one covers all of it: a merchant may use several processors. */
function coversScope(scope: LiveIncident['scope'], { scope: narrow }: Incident, members: readonly Member[]): boolean {
  if (scope.kind === 'all') return true;
  if (scope.kind !== 'processor' || narrow.kind !== 'merchant') return false;
  return members.every((member) => member.kind !== 'case' || member.source === scope.source);
}

/** While refunds are frozen an incident is not over, however still it is. */
function isFrozen({ scope }: Incident, orders: readonly FreezeOrder[]): boolean {
  return orders.some(({ frozen, merchant }) => {
    return frozen && (merchant === undefined || (scope.kind === 'merchant' && scope.merchant === merchant));
  });
}

/**
 * Fewer than half of what opens an incident were opened or resolved in the last window, and fewer have come in since the
 * last message, whenever they were: no flapping around the threshold, and no end while an outbox that lags is read.
 */
async function isBelow(
  { scope, totals: notified }: Incident,
  { members, totals }: { readonly members: readonly Member[]; readonly totals: Totals },
  { incidents, settings, nowMs }: KeepContext,
): Promise<boolean> {
  const fromMs = nowMs() - settings.windowMs;
  let moved = 0;
  for (const member of members) {
    if (member.kind !== 'case') continue;
    if (member.openedAtMs > fromMs) moved++;
    if (member.resolved && member.changedAtMs > fromMs) moved++;
  }
  const processed: ProcessedCharges = await incidents.chargesProcessedSince(fromMs, nowMs());
  const rate = settings.rateOf(scope.kind === 'merchant' ? scope.merchant : undefined);
  const cameIn = totals.cases - notified.cases + totals.resolved - notified.resolved;
  return Math.max(moved, cameIn) < thresholdOf(processedIn(processed, scope), rate) / 2;
}
