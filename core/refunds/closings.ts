import type { Ms } from '../brands.ts';
import type { ClosingDoubt } from '../cases/judged-facts.ts';
import { DAY_MS } from '../clock-units.ts';
import type { Claim } from '../detection/charge-record.ts';
import type { ChargeView, ViewedCharge } from '../detection/charge-view.ts';
import type { Charge } from '../events/payment-event.ts';
import { attests, type SourceCatalog } from '../events/source.ts';

/** A shop that closes an order later than this does not speak of the charge's failure. */
const CLOSING_AFTER_MS = DAY_MS;

/**
 * Is an order that was closed unpaid certain to owe nothing? Only where its source attests closings, and the closing can
 * speak of this charge: not after a closing as paid, not before the charge, at most a day after it, and not as the answer
 * to our own refund. A charge without a record may have been refunded by us.
 */
export function isClosingFinal(view: ChargeView, own: ViewedCharge, catalog: SourceCatalog): boolean {
  return view.window.closed !== undefined && closingDoubt(view, own, catalog) === undefined;
}

/** Returns why the closing does not speak of the charge; undefined where it does, or where there is none. */
export function closingDoubt(
  { window: { closed, entries }, records }: ChargeView,
  { record }: ViewedCharge,
  catalog: SourceCatalog,
): ClosingDoubt | undefined {
  if (closed === undefined) return undefined;
  const { charge, timeMs } = record.capture;
  if (closed.afterPaid) return 'after-paid';
  if (closed.stale) return 'stale';
  const isAttested = [closed.source, charge.source].every((id) => attestsClosings(id, charge, catalog));
  if (!isAttested) return 'unattested';
  if (closed.atMs < timeMs) return 'before-charge';
  if (closed.atMs - timeMs > CLOSING_AFTER_MS) return 'too-late';
  const known = entries.map(({ id }) => records.get(id));
  if (known.some((each) => isClaimBefore(each?.ours, closed.atMs))) return 'after-our-refund';
  return known.includes(undefined) ? 'record-gone' : undefined;
}

export function attestsClosings(id: string, { merchant }: Charge, { sourceOf }: SourceCatalog): boolean {
  return attests(sourceOf(id), 'closings', merchant);
}

function isClaimBefore(ours: Claim | undefined, atMs: Ms): boolean {
  return ours !== undefined && ours.state !== 'denied' && ours.state !== 'failed' && ours.atMs <= atMs;
}
