import type { Charge, PaymentEvent } from '../../core/events/payment-event.ts';
import { named, type OrderRef, orderKey } from './promises.ts';

/** What an event says that an order is to cost. */
interface Telling {
  readonly totalMinor: number;
  readonly timeMs: number;
  readonly source: string;
  /** The name of the charge that the event captured. */
  readonly charge?: string;
  /** When it was answered for first; NaN while it only has begun. */
  firstMs: number;
}

/** A total that may be the latest one now. */
export interface PossibleTotal {
  readonly totalMinor: number;
  readonly source: string;
}

/** The totals of an order as far as they are known outside the stores. */
export interface KnownTotals {
  /** Each that may be the latest: of a telling that has begun it is not known whether it is written. */
  readonly latest: readonly PossibleTotal[];
  /** No total may be known. */
  readonly mayBeUnknown: boolean;
  /** The highest that was certainly told. */
  readonly highestMinor: number;
}

/** How the window sees the order: what was told before its birth it may have forgotten. */
interface Window {
  readonly bornMs: number;
  /** A charge that was forgotten for its age tells an order nothing more. */
  readonly isFiled: (charge: string) => boolean;
}

/** Every total that was told, by order and currency, and whether it was answered for. */
export class ToldTotals {
  readonly #tellings = new Map<string, Map<PaymentEvent, Telling>>();

  attempted(event: PaymentEvent): void {
    const told = tellingIn(event);
    if (told === undefined) return;
    const all = this.#tellings.get(told.key) ?? new Map<PaymentEvent, Telling>();
    if (!all.has(event)) all.set(event, { ...told.telling, firstMs: Number.NaN });
    this.#tellings.set(told.key, all);
  }

  done(event: PaymentEvent, nowMs: number): void {
    const told = tellingIn(event);
    const telling = told && this.#tellings.get(told.key)?.get(event);
    if (telling !== undefined && Number.isNaN(telling.firstMs)) telling.firstMs = nowMs;
  }

  of({ source, merchant, order, currency }: Charge, { bornMs, isFiled }: Window): KnownTotals {
    if (order === undefined) return { latest: [], mayBeUnknown: true, highestMinor: 0 };
    const all = [...(this.#tellings.get(keyOf({ source, merchant, order }, currency))?.values() ?? [])];
    const isCertain = ({ firstMs, charge }: Telling) => firstMs >= bornMs && (charge === undefined || isFiled(charge));
    const certain = all.filter(isCertain);
    const latestMs = Math.max(...certain.map(({ timeMs }) => timeMs));
    const leastMinor = Math.max(
      ...certain.filter(({ timeMs }) => timeMs === latestMs).map(({ totalMinor }) => totalMinor),
    );
    const mayBeLatest = ({ timeMs, totalMinor }: Telling) =>
      timeMs > latestMs || (timeMs === latestMs && totalMinor >= leastMinor);
    return {
      latest: certain.length === 0 ? all : all.filter(mayBeLatest),
      mayBeUnknown: certain.length === 0,
      highestMinor: Math.max(0, ...certain.map(({ totalMinor }) => totalMinor)),
    };
  }
}

function tellingIn(
  event: PaymentEvent,
): { readonly key: string; readonly telling: Omit<Telling, 'firstMs'> } | undefined {
  const { timeMs } = event;
  if (event.kind === 'order.closed') {
    const { source, total } = event;
    if (total === undefined) return undefined;
    return { key: keyOf(event, total.currency), telling: { totalMinor: total.amountMinor, timeMs, source } };
  }
  if (event.kind !== 'charge.captured' || event.orderTotalMinor === undefined) return undefined;
  const { source, merchant, order, currency } = event.charge;
  if (order === undefined) return undefined;
  const telling = { totalMinor: event.orderTotalMinor, timeMs, source, charge: named(event.charge) };
  return { key: keyOf({ source, merchant, order }, currency), telling };
}

function keyOf(order: OrderRef, currency: string): string {
  return JSON.stringify([orderKey(order), currency]);
}
