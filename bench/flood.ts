/** What a flood is made of: the broken release of a registered processor, or names that are made up for each record. */
export const FLOODS = ['one broken feed', 'made-up names'] as const;
export type Flood = (typeof FLOODS)[number];

/** Charges without a merchant. Each record differs. */
export function floodOf({
  flood,
  records,
  name,
  startMs,
}: {
  readonly flood: Flood;
  readonly records: number;
  readonly name: string;
  readonly startMs: number;
}): readonly string[] {
  return Array.from({ length: records }, (_, at) =>
    JSON.stringify({
      specversion: '1.0',
      id: `evt_${name}_${at}`,
      source: flood === 'made-up names' ? `/made-up/${name}/${at}` : '/processors/wallet',
      type: 'charge.captured',
      time: new Date(startMs + at).toISOString(),
      data: {
        chargeId: `ch_${name}_${at}`,
        payer: `p_${at}`,
        order: `o_${at}`,
        amount: { value: 1_000, currency: 'CNY' },
      },
    }),
  );
}

/** The mapping collects records for a second before it hands over less than a full batch. */
const WINDOW_MS = 1_000;

/**
 * Computes how long the charge that comes last waits until its batch is done, from the time of one full batch: one worker,
 * batch after batch, is given more than it can take, or is not. Waiting for its batch to fill is counted in full.
 */
export function delayOf({
  batchMs,
  batch,
  perSecond,
  seconds,
}: {
  readonly batchMs: number;
  readonly batch: number;
  readonly perSecond: number;
  readonly seconds: number;
}): number {
  const batches = Math.ceil((perSecond * seconds) / batch);
  const fillMs = (1_000 * batch) / perSecond;
  const lastFullMs = batches * fillMs;
  // Each batch starts once it is full and the one before is done: the slower of both sets the pace.
  const doneMs = fillMs + (batches - 1) * Math.max(fillMs, batchMs) + batchMs;
  return doneMs - lastFullMs + WINDOW_MS;
}
