import type { Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { contentionLost } from '../fault.ts';
import type { FreezeContext, FreezeOrder, FreezeRequest, FreezeStore, ThawRequest } from './freeze.ts';

export interface ThawContext extends FreezeContext {
  readonly freezes: Pick<FreezeStore, 'issue' | 'newestOrders' | 'requestThaw' | 'thawRequest' | 'isMigrating'>;
  readonly digests: Pick<PlainDigests, 'hash128'>;
}

export type ThawOutcome =
  /** The request waits for another operator; an earlier one of the same freeze is answered in place of a second one. */
  | { readonly kind: 'requested'; readonly standing: FreezeOrder; readonly request: ThawRequest }
  | Thawed
  | { readonly kind: 'refused'; readonly reason: ThawRefusal; readonly standing?: FreezeOrder | undefined };

interface Thawed {
  /** `already`: nothing was frozen, or the same request was confirmed before. */
  readonly kind: 'changed' | 'already';
  /** Absent where refunds were never frozen. */
  readonly standing?: FreezeOrder | undefined;
  /** The order that still freezes all refunds after one merchant's were thawed. */
  readonly stillFrozen?: FreezeOrder | undefined;
}

export type ThawRefusal = 'not-migrated' | 'unknown-thaw' | 'own-thaw' | 'thaw-over';

/** A request that no other operator confirms within a day ends: what it would pay is another sum by then. */
export const THAW_REQUEST_MS_MAX = DAY_MS;
const TRIES_MAX = 10;

/** Asks to end a freeze. Nothing changes before another operator confirms it. */
export async function requestThaw(asked: FreezeRequest, context: ThawContext): Promise<ThawOutcome> {
  const { freezes, nowMs } = context;
  const { merchant } = asked;
  for (let lost = 0; lost < TRIES_MAX; lost++) {
    const standing = await standingOrder(merchant, context);
    if (merchant === undefined && (await freezes.isMigrating())) return refused('not-migrated', standing);
    if (standing?.frozen !== true) return thawed('already', standing, context);
    const { thaw } = standing;
    if (thaw !== undefined && isPending(thaw, nowMs())) return { kind: 'requested', standing, request: thaw };
    const request = requestOf(asked, standing, context);
    if ((await freezes.requestThaw(request, standing)) === 'requested') {
      return { kind: 'requested', standing: { ...standing, thaw: request }, request };
    }
  }
  throw contentionLost('the standing freeze order', TRIES_MAX);
}

/** Ends the freeze for which the thaw was asked, and no later one. Who asked cannot confirm. */
export async function confirmThaw(
  { id, by }: { readonly id: string; readonly by: string },
  context: ThawContext,
): Promise<ThawOutcome> {
  const { freezes, nowMs } = context;
  const request = await freezes.thawRequest(id);
  if (request === undefined) return refused('unknown-thaw');
  if (request.requested.by === by) return refused('own-thaw');
  const { merchant, reason, requested } = request;
  if (merchant === undefined && (await freezes.isMigrating())) {
    return refused('not-migrated', await standingOrder(merchant, context));
  }
  const standing = await standingOrder(merchant, context);
  if (standing?.frozen === false && standing.thaw?.id === id) return thawed('already', standing, context);
  const atMs = nowMs();
  if (standing?.thaw?.id !== id || !isPending(request, atMs)) return refused('thaw-over', standing);
  const thaw = { ...request, confirmed: { by, atMs } };
  const order = { frozen: false, ...(merchant !== undefined && { merchant }), by: requested.by, reason, atMs, thaw };
  const issued = await freezes.issue(order);
  if (issued.kind === 'refused') return refused('not-migrated', issued.standing);
  if (issued.standing?.thaw?.id !== id || issued.standing.frozen) return refused('thaw-over', issued.standing);
  return thawed(issued.kind, issued.standing, context);
}

/** Returns true while another operator can confirm the request. */
export function isPending({ requested }: ThawRequest, nowMs: Ms): boolean {
  return nowMs < requested.atMs + THAW_REQUEST_MS_MAX;
}

function requestOf(
  { merchant, reason, by }: FreezeRequest,
  standing: FreezeOrder,
  { digests, nowMs }: ThawContext,
): ThawRequest {
  const requested = { by, atMs: nowMs() };
  const content = [merchant ?? null, standing.by, standing.atMs, reason, by, requested.atMs];
  const id = digests.hash128(JSON.stringify(content));
  return { id, ...(merchant !== undefined && { merchant }), reason, requested };
}

async function standingOrder(
  merchant: string | undefined,
  { freezes }: Pick<ThawContext, 'freezes'>,
): Promise<FreezeOrder | undefined> {
  const orders = await freezes.newestOrders(merchant === undefined ? [] : [merchant]);
  return orders.find((order) => order.merchant === merchant);
}

async function thawed(
  kind: Thawed['kind'],
  standing: FreezeOrder | undefined,
  { freezes }: Pick<ThawContext, 'freezes'>,
): Promise<Thawed> {
  const done = { kind, ...(standing !== undefined && { standing }) };
  if (standing?.merchant === undefined) return done;
  const [ofAll] = await freezes.newestOrders([]);
  return ofAll?.frozen ? { ...done, stillFrozen: ofAll } : done;
}

function refused(reason: ThawRefusal, standing?: FreezeOrder): ThawOutcome {
  return { kind: 'refused', reason, ...(standing !== undefined && { standing }) };
}
