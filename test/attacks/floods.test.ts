import { expect, it } from 'vitest';
import { hasCardNumber } from '../../core/events/find-card-numbers.ts';
import { EVENT_BYTES_MAX, parseEvent } from '../../core/events/parse-event.ts';
import { withoutCardData } from '../../core/events/without-card-data.ts';
import { captured, charge, failed, MINUTE, refundedOnce, START_MS, voided } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { floodWorld } from '../fixtures/flood-world.ts';
import { bytesOf, WIRE_EVENT_MS, wireEvent } from '../fixtures/wire-events.ts';
import { wireOf } from '../fixtures/wire-of.ts';
import { range } from '../unit/incidents/histories.ts';

/** The batch size of the stack's mapping. */
const BATCH = 200;
const ORIGINAL = wireOf(captured(charge({ chargeId: 'one' })));
const DUPLICATE = wireOf(captured(charge({ chargeId: 'two' }), { timeMs: START_MS + MINUTE }));
/** Beyond the first batches: a sample has items of its own, and each source and reason one item. */
const WRITES_MAX = 20 + 8 + 1;

/** A broken release of a registered processor: no charge has a merchant. */
const broken = (n: number) => wireEvent({ id: `evt_${n}`, data: { chargeId: `ch_${n}`, merchant: undefined } });
const brokenBatch = (at: number) => range(BATCH).map((n) => broken(at * BATCH + n));
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

it('F1: a batch of refused records takes a bounded number of writes, and one once the budget is spent', async () => {
  const world = floodWorld();
  await world.send(brokenBatch(0));
  expect(world.listed.length).toBeLessThanOrEqual(WRITES_MAX);
  const before = world.listed.length;
  for (const at of range(5)) await world.send(brokenBatch(at + 1));
  expect([world.listed.length, world.objects.size, world.messages.length]).toEqual(Array(3).fill(before + 5));
});

it('F2: a flood hides no duplicate and delays no flag, even when the quarantine never answers', async () => {
  const world = floodWorld();
  const quarantine = { putAll: () => new Promise<never>(() => {}) };
  const flood = brokenBatch(0);
  void world.send([...flood.slice(0, 90), ORIGINAL, ...flood.slice(90, 190), DUPLICATE], { quarantine });
  await expect.poll(() => world.cases.allFlags().map(({ charge: { chargeId } }) => chargeId)).toEqual(['two']);
});

it('F3: no record of a flood is lost: each can be read as it came', async () => {
  const world = floodWorld();
  const junk = range(BATCH).map((n) => Uint8Array.from([0xff, 0x00, n, n >> 8]));
  const batches = [...range(10).map(brokenBatch), junk, junk.map((bytes) => Uint8Array.from([...bytes, 1]))];
  for (const batch of batches) expect((await world.send(batch)).failedFrom).toBeUndefined();
  const sent = batches.flat().map((record) => Buffer.from(record instanceof Uint8Array ? record : bytesOf(record)));
  const kept = (await world.kept()).map(({ bytes }) => Buffer.from(bytes).toString('base64'));
  expect(kept.toSorted()).toEqual(sent.map((bytes) => bytes.toString('base64')).toSorted());
});

it('F4: made-up sources and reasons write no more than one feed does', async () => {
  const world = floodWorld();
  for (const at of range(4)) {
    const before = world.listed.length;
    await world.send(
      range(BATCH).map((n) => ({ ...broken(n), source: `/made-up/${at}/${n}`, type: n % 2 ? 'x' : 'charge.voided' })),
    );
    expect(world.listed.length - before).toBeLessThanOrEqual(WRITES_MAX);
  }
  expect(await world.kept()).toHaveLength(4 * BATCH);
});

it('F5: what could not be stored of a flood comes again, alone or with others, until it is stored', async () => {
  const world = floodWorld();
  const outage = new Error('SlowDown');
  const { putAll } = world.context.quarantine;
  const quarantine = {
    putAll: async (records: Parameters<typeof putAll>[0]) => {
      const stored = await putAll(records.slice(0, 50));
      return [...stored, ...records.slice(50).map(() => ({ kind: 'failed', error: outage }) as const)];
    },
  };
  const batch = [ORIGINAL, ...brokenBatch(0).slice(0, 198), DUPLICATE];
  const { failedFrom, failures } = await world.send(batch, { quarantine });
  expect(failedFrom).toBe(51);
  expect(failures).toHaveLength(148);
  expect(world.flagOn('two')).toBeDefined();
  // Lambda halves what fails.
  await world.send(batch.slice(51, 120));
  await world.send(batch.slice(120));
  expect(new Set((await world.kept()).map(({ bytes }) => textOf(bytes))).size).toBe(198);
  expect(world.cases.allFlags()).toHaveLength(1);
});

it('F6: failures and voids of charges that are never captured neither hide a duplicate nor make later batches dearer', async () => {
  const world = floodWorld();
  const calls: number[] = [];
  let counted = 0;
  const counting = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get: (target, name, receiver) => {
        counted += 1;
        return Reflect.get(target, name, receiver);
      },
    });
  const stores = { records: counting(world.records), windows: counting(world.windows) };
  const batches = process.env.ONECHARGE_FULL === undefined ? 25 : 500;
  await world.send([ORIGINAL]);
  for (const at of range(batches)) {
    counted = 0;
    const never = range(BATCH).map((n) => charge({ chargeId: `never_${at}_${n}` }));
    await world.send(
      never.map((of, n) => wireOf(n % 2 === 0 ? failed(of) : voided(of))),
      stores,
    );
    calls.push(counted);
  }
  expect(new Set(calls).size).toBe(1);
  await world.send([DUPLICATE]);
  expect(world.flagOn('two').original.chargeId).toBe('one');
  // A record's key is a hash: no charge ids, however alike, meet on one partition.
  const ids = world.records.all().map(({ id }) => Number.parseInt(id.slice(0, 1), 16));
  const shares = range(16).map((digit) => ids.filter((first) => first === digit).length / ids.length);
  for (const share of shares) expect(share).toBeLessThan(2 / 16);
});

it('F7: a charge that is never captured keeps a bounded record, however many facts come', async () => {
  const world = floodWorld();
  const of = charge({ chargeId: 'never' });
  const sizes: number[] = [];
  for (const at of range(6)) {
    const refunds = range(BATCH).map((n) =>
      wireOf(refundedOnce(of, { refundId: `re_${at}_${n}`, refundMinor: 1, timeMs: START_MS + at * BATCH + n })),
    );
    await world.send(refunds);
    sizes.push(JSON.stringify(world.records.all()).length);
  }
  expect(sizes.at(-1)).toBeLessThan(1.1 * (sizes[1] ?? 0));
});

const BODIES: readonly (readonly [string, string])[] = [
  ['digits', '1'],
  ['card numbers', '4111111111111111 '],
  ['groups of digits', '4 11 1 '],
  ['tracks that do not end', ';4111111111111111=2512'],
  ['escapes that do not end', '%25'],
  ['escaped digits', '\\u0034'],
  ['names of secrets', 'cvv: 1 '],
  ['quotes', 'abc:"\\'],
  ['elements that do not end', '<cvv '],
  ['digits of another script', '٤'],
  ['a letter that NFKC makes 18 of', '\ufdfa'],
];
const SHORT = 32 * 1024;
/** What counting a process's CPU time by ticks may miss. */
const CPU_SLACK_MICROS = 50_000;
it.each(BODIES)('F8: masking %s takes time in proportion to their length', (_, piece) => {
  const costOf = (length: number, times: number) => {
    const bytes = Buffer.from(piece.repeat(Math.ceil(length / Buffer.byteLength(piece))));
    const bodies = [bytes, bytesOf({ note: bytes.toString() })];
    const before = process.cpuUsage();
    for (const body of range(times).flatMap(() => bodies)) withoutCardData(body);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  costOf(SHORT, 2);
  // The same bytes in one text and in sixteen: in proportion the costs are equal, by the square one is 16 times the other.
  expect(costOf(16 * SHORT, 1)).toBeLessThan(5 * costOf(SHORT, 16) + CPU_SLACK_MICROS);
});

it('F9: what is too large is refused before it is decoded, and overlong tokens before any digest', async () => {
  const rules = configuration();
  const whole = bytesOf(wireEvent({ data: { payer: 'p'.repeat(1_000_000) } }));
  const untouched = new Proxy(whole, {
    get: (target, name) => {
      if (name !== 'byteLength') throw new Error(`bug: ${String(name)} was read`);
      return target.byteLength;
    },
  });
  expect(parseEvent(untouched, WIRE_EVENT_MS, rules)).toMatchObject({ reason: 'too-large' });
  const world = floodWorld();
  const unused = () => {
    throw new Error('bug: a refused token was hashed');
  };
  const overlong = ['payer', 'merchant', 'order', 'chargeId', 'instrument', 'payment'].map((name) =>
    wireEvent({ data: { [name]: 'x'.repeat(EVENT_BYTES_MAX - 2_000) } }),
  );
  const { counts } = await world.send(overlong, { digests: { ...world.digests, hmac128: unused } });
  expect(counts).toMatchObject({ quarantined: overlong.length, failed: 0 });
});

it('F10: card numbers of a flood are masked where records are stored together', async () => {
  const world = floodWorld();
  for (const at of range(2)) {
    await world.send(
      range(BATCH).map((n) => wireEvent({ id: `evt_${at}_${n}`, data: { payer: '4111111111111111', cvv: '123' } })),
    );
  }
  const kept = await world.kept();
  expect(kept).toHaveLength(2 * BATCH);
  for (const { item, bytes } of kept) {
    expect(item).toMatchObject({ reason: 'card-number', isMasked: true });
    expect([hasCardNumber(textOf(bytes)), textOf(bytes).includes('cvv')]).toEqual([false, false]);
  }
});
