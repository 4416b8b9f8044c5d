import { asIncidentId, type IncidentId, type Ms } from '../brands.ts';
import { iso } from '../clock-units.ts';
import type { FreezeOrder } from '../refunds/freeze.ts';
import type { Burst } from './burst.ts';
import { type Scope, scopeKey } from './scope.ts';
import { changesBetween, isNothing, NOTHING, type Totals } from './totals.ts';

/** A freeze or a thaw that happened, without what was asked for beside it. */
type OrderGiven = Omit<FreezeOrder, 'thaw'>;

/**
 * A burst of cases that is alerted as one thing: `open` while its cases are folded into it, `closing` while workers that
 * saw it open may still be folding, `closed` with its report.
 */
export interface Incident {
  readonly id: IncidentId;
  /** Rises by one with every write. */
  readonly version: number;
  readonly scope: Scope;
  readonly status: 'open' | 'closing' | 'closed';
  readonly openedAtMs: Ms;
  readonly burst: Burst;
  /** The burst's window: cases opened since its beginning belong to the incident too. */
  readonly windowMs: Ms;
  readonly sinceMs: Ms;
  /** Messages written: 1 for the opening, one for each digest, one for the report. */
  readonly messages: number;
  /** Messages known to have been sent: `messages`, or one less. */
  readonly notified: number;
  readonly messageAtMs: Ms;
  /** As of the last message; what came about since the message before. */
  readonly totals: Totals;
  readonly changes: Totals;
  readonly merchants: readonly { readonly merchant: string; readonly cases: number }[];
  readonly orders: readonly OrderGiven[];
  /** Since when no more cases open and resolve than is usual. */
  readonly calmSinceMs?: Ms;
  readonly closingAtMs?: Ms;
  readonly closedAtMs?: Ms;
  readonly reason?: 'quiet' | 'absorbed';
}

/** What a look at an incident found. */
export interface Look {
  readonly atMs: Ms;
  readonly totals: Totals;
  readonly merchants: Incident['merchants'];
  /** Freezes and thaws that are new to the incident. */
  readonly orders: readonly OrderGiven[];
  readonly isCalm: boolean;
  /** A broader incident is open that covers the same. */
  readonly isAbsorbed: boolean;
}

/**
 * Longer than any worker that read the list of open incidents may still act on it: what it folds then is in the report.
 * Twice the time-out of the function that notifies (lib/alerts.ts), and its clock's error.
 */
export const DRAIN_MS = 75_000;
/** A message that was written and not marked as sent is sent by others only after this: its writer is at it. */
const NOTIFY_MS = 30_000;
const ID_LENGTH_MAX = 80;
/** An order is recorded once for each change; the newest are kept. */
const ORDERS_MAX = 50;

export function newIncident(
  burst: Burst,
  { nowMs, endMs = nowMs, windowMs }: { readonly nowMs: Ms; readonly endMs?: Ms; readonly windowMs: Ms },
): Incident {
  return {
    id: incidentIdOf(burst.scope, nowMs),
    version: 1,
    scope: burst.scope,
    status: 'open',
    openedAtMs: nowMs,
    burst,
    windowMs,
    sinceMs: endMs - windowMs,
    messages: 1,
    notified: 0,
    messageAtMs: nowMs,
    totals: NOTHING,
    changes: NOTHING,
    merchants: [],
    orders: [],
  };
}

/** Names the moment and the scope in what any address may hold. Two of one name at one moment: one of them is opened later. */
function incidentIdOf(scope: Scope, nowMs: Ms): IncidentId {
  const moment = iso(nowMs).replaceAll(/[-:.]/g, '');
  return asIncidentId(`${moment}-${scopeKey(scope).replaceAll(/[^\w-]+/g, '-')}`.slice(0, ID_LENGTH_MAX));
}

/** True when its last message is to be sent by whoever finds it so. */
export function isUnsent({ notified, messages, messageAtMs }: Incident, nowMs: Ms): boolean {
  return notified < messages && nowMs - messageAtMs >= NOTIFY_MS;
}

export function asNotified(incident: Incident): Incident {
  return { ...incident, version: incident.version + 1, notified: incident.messages };
}

/**
 * An open incident after a look: calm or not, with a digest if there are changes, closing when it was calm for long enough.
 * The same incident when there is nothing to write.
 */
export function looked(incident: Incident, look: Look, quietMs: Ms): Incident {
  const { calmSinceMs: _calm, ...rest } = incident;
  const calmSinceMs = look.isCalm ? (incident.calmSinceMs ?? look.atMs) : undefined;
  const calm = calmSinceMs === undefined ? rest : { ...rest, calmSinceMs };
  const isQuiet = calmSinceMs !== undefined && look.atMs - calmSinceMs >= quietMs;
  if (isQuiet || look.isAbsorbed) {
    const reason = look.isAbsorbed ? 'absorbed' : 'quiet';
    return next({ ...calm, status: 'closing', closingAtMs: look.atMs, reason });
  }
  const changes = changesBetween(incident.totals, look.totals);
  if (!isNothing(changes) || look.orders.length > 0) return next(withMessage(calm, changes, look));
  return calmSinceMs === incident.calmSinceMs ? incident : next(calm);
}

/** Writes the report once no worker folds any longer: its changes and those of the digests add up to its totals. */
export function closed(incident: Incident, look: Pick<Look, 'atMs' | 'totals' | 'merchants' | 'orders'>): Incident {
  const changes = changesBetween(incident.totals, look.totals);
  return next({ ...withMessage(incident, changes, look), status: 'closed', closedAtMs: look.atMs });
}

/** True when what was folded before it closed is all there. */
export function isDrained({ closingAtMs = Number.POSITIVE_INFINITY }: Incident, nowMs: Ms): boolean {
  return nowMs - closingAtMs >= DRAIN_MS;
}

/** Those that it has not recorded yet, of the newest order for each merchant and for all. */
export function newOrders(incident: Incident, newest: readonly FreezeOrder[]): readonly OrderGiven[] {
  const known = new Set(incident.orders.map(orderKey));
  return newest
    .filter((order) => order.atMs >= incident.openedAtMs && !known.has(orderKey(order)))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ thaw: _asked, ...order }) => order);
}

function orderKey({ merchant = '', atMs, frozen }: OrderGiven): string {
  return `${atMs} ${frozen} ${merchant}`;
}

function withMessage(
  incident: Incident,
  changes: Totals,
  { atMs, totals, merchants, orders }: Pick<Look, 'atMs' | 'totals' | 'merchants' | 'orders'>,
): Incident {
  return {
    ...incident,
    messages: incident.messages + 1,
    messageAtMs: atMs,
    totals,
    changes,
    merchants,
    orders: [...incident.orders, ...orders].slice(-ORDERS_MAX),
  };
}

function next(incident: Incident): Incident {
  return { ...incident, version: incident.version + 1 };
}
