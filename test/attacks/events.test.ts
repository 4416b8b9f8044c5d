import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseEvent } from '../../core/events/parse-event.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import { SIGNED_FIELDS, signedBytes } from '../../core/events/signing.ts';
import {
  ACME,
  captured,
  charge,
  disputed,
  MINUTE,
  orderClosed,
  refunded,
  START_MS,
  voided,
} from '../fixtures/charges.ts';
import { REGISTRY } from '../fixtures/configurations.ts';
import { foundAsTold } from '../fixtures/refund-world.ts';
import { signedWorld } from '../fixtures/signed-world.ts';
import {
  BANK_KEY,
  SIGNED_REGISTRY,
  STAGE,
  signedEvent,
  signedRules,
  signingKey,
  WALLET_KEY,
} from '../fixtures/signing.ts';
import { bytesOf, WIRE_EVENT_MS } from '../fixtures/wire-events.ts';
import { wireOf } from '../fixtures/wire-of.ts';
import { EVERY_FIELD } from '../unit/events/every-field.ts';

type Json = Readonly<Record<string, unknown>>;

/** The event as a source would send it without a signature. */
const wire = (event: PaymentEvent): Json => JSON.parse(new TextDecoder().decode(wireOf(event)));
const capture = (chargeId: string, shows: Partial<ReturnType<typeof charge>> = {}) =>
  wire(captured(charge({ chargeId, ...shows })));
const one = capture('one');
const two = capture('two');
const later = { timeMs: START_MS + MINUTE };

/** What a world must be like in which forged records have come. */
function expectNothingOf(world: ReturnType<typeof signedWorld>, records: number): void {
  expect(world.quarantined.map(({ reason }) => reason)).toEqual(Array(records).fill('unauthentic'));
  expect(world.cases.allFlags()).toEqual([]);
  expect(world.refunds.size).toBe(0);
}

it('E1: a forged capture without a signature makes no charge a duplicate', async () => {
  const world = signedWorld();
  const { counts } = await world.send(signedEvent(one), two);
  expect(counts).toMatchObject({ charges: 1, quarantined: 1, unauthentic: 1 });
  expectNothingOf(world, 1);
});

it('E2: the signature of another event is none for this one', async () => {
  const world = signedWorld();
  const { sigkid, sig } = signedEvent(one);
  await world.send(signedEvent(one), { ...two, sigkid, sig });
  expectNothingOf(world, 1);
});

it.each(SIGNED_FIELDS)('E3: a change of %s after signing is found', (field) => {
  const rules = signedRules();
  const path = field.split('.');
  const events = EVERY_FIELD.map((event) => signedEvent(event));
  const values = fc.oneof(fc.string(), fc.integer({ min: 0 }), fc.boolean(), fc.constant(undefined));
  fc.assert(
    fc.property(fc.constantFrom(...events), values, (event, value) => {
      const changed = withValue(event, path, value);
      const isSame = JSON.stringify(signable(event, path)) === JSON.stringify(signable(changed, path));
      const outcome = parseEvent(bytesOf(changed), WIRE_EVENT_MS, rules);
      if (!isSame) expect(outcome).not.toMatchObject({ kind: 'event' });
    }),
    { numRuns: 50 },
  );
});

it("E4: a source cannot speak for another one, with its own key or under the other's id", async () => {
  const world = signedWorld();
  const stolen = signingKey(WALLET_KEY.id, { key: Buffer.from('bank-1'.padEnd(32, '.')) });
  await world.send(signedEvent(one), signedEvent(two, BANK_KEY), signedEvent(two, stolen));
  expectNothingOf(world, 2);
  const details = world.quarantined.map(({ detail }) => detail);
  expect(details).toEqual(["sigkid names another source's key", 'sig is not of this event and this stage']);
});

it('E5: an event that was signed for another stage is refused, even under the same key', async () => {
  const world = signedWorld();
  const ofStaging = signingKey(WALLET_KEY.id, { stage: 'staging' });
  await world.send(signedEvent(one), signedEvent(two, ofStaging));
  expectNothingOf(world, 1);
});

it('E6: a retired key signs nothing that arrives after it, and all that came before', async () => {
  const retired = signingKey('wallet-0', { notAfterMs: START_MS + MINUTE });
  const world = signedWorld({ keys: [retired, WALLET_KEY] });
  await world.sendAt(START_MS + MINUTE - 1, signedEvent(one, retired));
  await world.sendAt(START_MS + MINUTE, signedEvent(two, retired));
  expectNothingOf(world, 1);
  await world.sendAt(START_MS + MINUTE - 1, signedEvent(one, retired));
  expect(world.quarantined).toHaveLength(1);
});

it('E7: an event that lacks sigkid or sig is refused', async () => {
  const world = signedWorld();
  const { sigkid, sig, ...event } = signedEvent(two);
  const forged = [
    { sigkid },
    { sig },
    { sigkid: null, sig },
    { sigkid, sig: null },
    { sigkid: 1, sig },
    { sigkid, sig: [sig] },
  ];
  await world.send(...forged.map((signature) => ({ ...event, ...signature })));
  expectNothingOf(world, forged.length);
});

it('E8: a signature that is cut, padded or written in another alphabet is refused', async () => {
  const world = signedWorld();
  const { sig, ...event } = signedEvent(two);
  const text = String(sig);
  const base64 = Buffer.from(text, 'base64url').toString('base64');
  const hex = Buffer.from(text, 'base64url').toString('hex');
  const forged = [
    '',
    text.slice(0, 22),
    text.slice(0, -1),
    `${text}=`,
    `${text}A`,
    ` ${text}`,
    base64,
    hex,
    text.toUpperCase(),
  ];
  await world.send(...forged.map((each) => ({ ...event, sig: each })));
  expectNothingOf(world, forged.length);
});

it('E9: a member that is there twice is refused, whichever of the two was signed', async () => {
  const world = signedWorld();
  const signed = JSON.stringify(signedEvent(two));
  const twice = [
    signed.replace('"chargeId":"two"', '"chargeId":"two","chargeId":"victim"'),
    signed.replace('"chargeId":"two"', '"chargeId":"victim","chargeId":"two"'),
    signed.replace('"chargeId":"two"', '"chargeId":"two","charg\\u0065Id":"two"'),
    `${signed.slice(0, -1)},"sig":"${'A'.repeat(43)}"}`,
  ];
  await world.send(...twice);
  expect(world.quarantined.map(({ reason }) => reason)).toEqual(Array(twice.length).fill('schema'));
  expect(world.records.all()).toEqual([]);
});

it('E10: a field that no schema names changes nothing, however much it looks like one that is read', async () => {
  const [plain, smuggling] = [signedWorld(), signedWorld()];
  const more = { Amount: { value: 1 }, 'amount.value': 1, order_id: 'o_9', ['__proto__']: { order: 'o_9' } };
  const smuggled = (event: Json) => {
    const text = JSON.stringify({
      ...event,
      Source: ACME,
      stage: 'staging',
      data: { ...(event.data as Json), ...more },
    });
    return text.replace('"order_id"', '"constructor":{"order":"o_9"},"order_id"');
  };
  await plain.send(signedEvent(one), signedEvent(two));
  await smuggling.send(smuggled(signedEvent(one)), smuggled(signedEvent(two)));
  expect(smuggling.quarantined).toEqual([]);
  expect(smuggling.windows.all()).toEqual(plain.windows.all());
  expect(smuggling.flagOn('two').charge).toEqual(plain.flagOn('two').charge);
});

const ONE = charge({ chargeId: 'one' });
const BLOCKING: readonly (readonly [string, PaymentEvent])[] = [
  ['void of the original', voided(ONE, later)],
  ['refund of the original', refunded(ONE, ONE.amountMinor, later)],
  ['dispute of the original', disputed(ONE, 'open', later)],
  ['void of the copy', voided(charge({ chargeId: 'two' }), later)],
  ['refund of the copy', refunded(charge({ chargeId: 'two' }), ONE.amountMinor, later)],
  ['dispute of the copy', disputed(charge({ chargeId: 'two' }), 'open', later)],
  [
    'total of the order',
    orderClosed('paid', { ...later, total: { amountMinor: 2 * ONE.amountMinor, currency: 'CNY' } }),
  ],
];
it.each(BLOCKING)('E11: a forged %s keeps no due refund back', async (_, event) => {
  const world = signedWorld();
  await world.send(signedEvent(one), signedEvent(two));
  const { counts } = await world.send(wire(event), signedEvent(wire(event), BANK_KEY));
  expect(counts.unauthentic).toBe(2);
  expect(await world.work('two')).toMatchObject({ status: 'refunded' });
});

it('E12: a forged capture that names a real charge under another order refunds nothing, signed source or not', async () => {
  for (const sources of [SIGNED_REGISTRY, REGISTRY]) {
    for (const forgedFirst of [true, false]) {
      const reasons = sources === SIGNED_REGISTRY ? ['unauthentic', 'unauthentic'] : ['conflict'];
      const world = signedWorld({ sources });
      const real = signedEvent(capture('real', { order: 'o_real' }));
      const forged = [capture('fake', { order: 'o_fake' }), capture('real', { order: 'o_fake' })];
      // The processor knows the real charge as it is, and the forged one not at all.
      world.processor.lookup = (asked) =>
        asked.chargeId === 'real' ? foundAsTold({ ...asked, order: 'o_real' }) : { kind: 'not-found' };
      for (const record of forgedFirst ? [...forged, real] : [real, ...forged]) await world.send(record);
      expect(world.quarantined.map(({ reason }) => reason)).toEqual(reasons);
      for (const { charge: flagged } of world.cases.allFlags()) {
        const waits = { waitsFor: expect.arrayContaining(['unconfirmed']) };
        expect(await world.work(flagged.chargeId)).toMatchObject({ status: 'held', wait: waits });
      }
      expect(world.refunds.size).toBe(0);
    }
  }
});

it('E13: a capture cannot be turned into a void, nor any type into another', () => {
  const types = EVERY_FIELD.map(({ type }) => type);
  for (const event of EVERY_FIELD.map((each) => signedEvent(each))) {
    for (const type of types.filter((other) => other !== event.type)) {
      const outcome = parseEvent(bytesOf({ ...event, type }), WIRE_EVENT_MS, signedRules());
      expect(outcome).toMatchObject({ reason: 'unauthentic' });
    }
  }
});

it('E14: no bytes move between a name and its value, or from one field to the next', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const fields = fc.record({ order: text, part: text, payer: text, payment: text }, { requiredKeys: [] });
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const [left, right] = [a, b].map((data) => Buffer.from(signedBytes({ data }, WALLET_KEY) ?? []).toString('hex'));
      const isSame = (['order', 'part', 'payer', 'payment'] as const).every((name) => a[name] === b[name]);
      expect(left === right).toBe(isSame);
    }),
  );
  const { data, ...event } = signedEvent(capture('two', { order: 'o_1', part: 'deposit' }));
  const moved = { ...event, data: { ...(data as Json), order: 'o_1deposit', part: '' } };
  expect(parseEvent(bytesOf(moved), WIRE_EVENT_MS, signedRules())).toMatchObject({ reason: 'unauthentic' });
});

it('E15: an event does not say for which stage it is', () => {
  const ofStaging = signedEvent({ ...two, stage: STAGE }, signingKey(WALLET_KEY.id, { stage: 'staging' }));
  for (const event of [ofStaging, { ...ofStaging, stage: 'staging' }, { ...ofStaging, sigstage: STAGE }]) {
    expect(parseEvent(bytesOf(event), WIRE_EVENT_MS, signedRules())).toMatchObject({ reason: 'unauthentic' });
  }
});

it('E16: a genuine event that is sent again and again has one verdict and one refund', async () => {
  const world = signedWorld();
  await world.send(signedEvent(one), signedEvent(two));
  const before = { windows: world.windows.all(), flag: world.flagOn('two') };
  for (let n = 0; n < 5; n++) {
    expect((await world.send(signedEvent(two), signedEvent(one))).counts).toMatchObject({ replays: 2, quarantined: 0 });
  }
  expect({ windows: world.windows.all(), flag: world.flagOn('two') }).toEqual(before);
  await world.work('two');
  await world.send(signedEvent(two));
  await world.work('two');
  expect(world.refunds.size).toBe(1);
});

function withValue(event: Json, [name = '', ...rest]: readonly string[], value: unknown): Json {
  const inner = rest.length === 0 ? value : withValue((event[name] ?? {}) as Json, rest, value);
  return { ...event, [name]: inner };
}

/** What of a field is signed: null and absent are alike. */
function signable(event: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Json | null | undefined)?.[name], event) ?? null;
}
