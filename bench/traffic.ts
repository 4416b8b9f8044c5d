export interface TrafficOptions {
  readonly events: number;
  /** Share of events that charge an order a second time, under a charge id of their own. */
  readonly duplicates: number;
  /** Runs of so many charges of one order, in place of `duplicates`. */
  readonly hotRun?: number;
  /** Keeps the orders of one traffic apart from those of another. */
  readonly name: string;
  readonly startMs: number;
}

const INSTRUMENTS = 100_000;
const MERCHANTS = 500;
/** A customer tries again seconds later: in another batch of the stream, so that folding saves nothing. */
const RETRY_AFTER = 500;
const EVENT_GAP_MS = 1;

/** Captures as a processor sends them, in the order of the stream. The same options give the same lines. */
export function traffic(options: TrafficOptions): readonly string[] {
  return Array.from({ length: options.events }, (_, at) => line(at, orderOf(at, options), options));
}

function orderOf(at: number, { duplicates, hotRun }: TrafficOptions): number {
  if (hotRun !== undefined) return Math.floor(at / hotRun);
  if (duplicates === 0) return at;
  const everyNth = Math.round(1 / duplicates);
  // One more than a multiple of the distance between retries: what is retried is never itself a retry.
  const distance = Math.ceil(RETRY_AFTER / everyNth) * everyNth + 1;
  const isRetry = at % everyNth === everyNth - 1 && at >= distance;
  return isRetry ? at - distance : at;
}

function line(at: number, order: number, { name, startMs }: TrafficOptions): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `evt_${name}_${at}`,
    source: '/processors/wallet',
    type: 'charge.captured',
    time: new Date(startMs + at * EVENT_GAP_MS).toISOString(),
    data: {
      chargeId: `ch_${name}_${at}`,
      payer: `p_${name}_${order}`,
      merchant: `m_${order % MERCHANTS}`,
      order: `o_${name}_${order}`,
      amount: { value: 1_000 + (order % 90_000), currency: 'CNY' },
      instrument: `tok_${order % INSTRUMENTS}`,
      channel: 'app',
      mcc: '5311',
      part: 'deposit',
    },
  });
}
