import { describe, expect, it } from 'vitest';
import type { QuarantinedRecords } from '../../../adapters/s3/quarantined-records.ts';
import { putBackQuarantined } from '../../../cli/redrive-quarantined.ts';
import type { QuarantinedItem } from '../../../core/redrive/repair.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../../fixtures/wire-events.ts';

const ID = '00f1';
const GOOD = bytesOf(wireEvent());

/** One record in quarantine; a test shows what it was. */
function quarantineOf(kept: Uint8Array, shows: Partial<QuarantinedItem> = {}) {
  let item: QuarantinedItem = {
    id: ID,
    reason: 'schema',
    detail: 'data.merchant: must not be blank',
    arrivedAt: '2024-11-11T01:12:04.000Z',
    objectKey: `schema/${ID}`,
    byteCount: kept.byteLength,
    ...shows,
  };
  const quarantined: QuarantinedRecords = {
    read: async (id) => (id === ID ? item : undefined),
    bytesOf: async () => kept,
    waiting: async () => (item.redriven === undefined ? [item] : []),
    markRedriven: async (_, redriven) => {
      item = { ...item, redriven };
    },
  };
  const sent: { readonly partitionKey: string; readonly text: string }[] = [];
  const putBack = (repaired?: Uint8Array, isDryRun = false) =>
    putBackQuarantined(ID, {
      quarantined,
      put: async ({ partitionKey, bytes }) => {
        sent.push({ partitionKey, text: new TextDecoder().decode(bytes) });
      },
      digestOf: (bytes) => new TextDecoder().decode(bytes),
      now: () => WIRE_EVENT_MS,
      by: 'kim',
      sources: configuration(),
      repaired,
      isDryRun,
    });
  return { putBack, sent, quarantined };
}

describe('a quarantined record', () => {
  it('goes back repaired, under its payer, and waits no longer', async () => {
    const { putBack, sent, quarantined } = quarantineOf(bytesOf(wireEvent({ data: { merchant: '' } })));
    expect(await putBack(GOOD)).toMatchObject({ kind: 'done' });
    expect(sent).toEqual([{ partitionKey: 'p_77', text: new TextDecoder().decode(GOOD) }]);
    expect(await quarantined.waiting(10)).toEqual([]);
    expect(await quarantined.read(ID)).toMatchObject({ redriven: { by: 'kim', at: '2024-11-11T01:12:03.120Z' } });
  });

  it('goes back as it was kept when it is an event by now', async () => {
    const { putBack, sent } = quarantineOf(GOOD, { reason: 'future', detail: 'time is 900 s ahead of its arrival' });
    expect(await putBack()).toMatchObject({ kind: 'done' });
    expect(sent).toHaveLength(1);
  });

  it('of a closed order goes under its order', async () => {
    const closed = wireEvent({ type: 'order.closed', data: { outcome: 'unpaid' } });
    const { putBack, sent } = quarantineOf(bytesOf('{}'));
    await putBack(bytesOf(closed));
    expect(sent).toMatchObject([{ partitionKey: 'm_9/o_5' }]);
  });

  it('goes once, however often it is asked for, and again only with other bytes', async () => {
    const { putBack, sent } = quarantineOf(bytesOf('{}'));
    await putBack(GOOD);
    expect(await putBack(GOOD)).toMatchObject({ message: expect.stringContaining('already') });
    await putBack(bytesOf(wireEvent({ id: 'evt_2' })));
    expect(sent).toHaveLength(2);
  });

  it('is only looked at in a dry run', async () => {
    const { putBack, sent, quarantined } = quarantineOf(bytesOf('{}'));
    expect(await putBack(GOOD, true)).toMatchObject({ kind: 'done' });
    expect(sent).toEqual([]);
    expect(await quarantined.waiting(10)).toHaveLength(1);
  });

  it('is not sent where it would only be quarantined again', async () => {
    const { putBack, sent } = quarantineOf(bytesOf('{'), { reason: 'not-json' });
    expect(await putBack()).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/not-json.*--with FILE/) });
    expect(await putBack(bytesOf('{"half'))).toMatchObject({ kind: 'refused' });
    expect(sent).toEqual([]);
  });

  it('whose card data was masked to the same length is not sent as it was kept', async () => {
    const { putBack, sent } = quarantineOf(GOOD, { isMasked: true });
    expect(await putBack()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('masked') });
    expect(sent).toEqual([]);
  });

  it('whose card numbers were masked is not sent as it was kept: the mask would be taken for a payer', async () => {
    const masked = bytesOf(wireEvent({ data: { payer: '****1111' } }));
    const { putBack, sent } = quarantineOf(masked, { reason: 'card-number', byteCount: masked.byteLength + 8 });
    expect(await putBack()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('masked') });
    expect(sent).toEqual([]);
  });

  it('that nobody knows is refused with how to find those that wait', async () => {
    const { quarantined } = quarantineOf(GOOD);
    const asked = { by: 'kim', sources: configuration(), repaired: GOOD, isDryRun: false };
    const ports = { put: async () => {}, digestOf: () => '', now: () => 0, ...asked };
    expect(await putBackQuarantined('ffff', { quarantined, ...ports })).toMatchObject({ kind: 'refused' });
  });
});
