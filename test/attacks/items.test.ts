import { afterAll, beforeAll, expect, it } from 'vitest';
import { asFingerprint } from '../../core/brands.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { isCaptured } from '../../core/detection/charge-record.ts';
import { claim } from '../../core/refunds/claim.ts';
import { captured, charge, HOUR, MINUTE, START_MS } from '../fixtures/charges.ts';
import { configuration } from '../fixtures/configurations.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { flag } from '../fixtures/flags.ts';
import { idOf } from '../fixtures/views.ts';
import { createStack } from './stack.ts';

/** What one refund may be without an approver. A forger wants more. */
const LIMIT_MINOR = 20_000;
const WANTED_MINOR = 9_999_900;
const LIMITED = configuration({ refunds: { limitMinor: { CNY: LIMIT_MINOR }, twoPeopleAboveMinor: { CNY: 50_000 } } });
const ONE = charge({ chargeId: 'one' });
const TWO = charge({ chargeId: 'two' });

let dynamodb: DynamoDbLocal;
beforeAll(async () => {
  dynamodb = await startDynamoDbLocal();
});
afterAll(() => dynamodb.stop());

/** An order that was charged twice, within the limit: its refund may go. */
async function duplicate() {
  const stack = await createStack(dynamodb, LIMITED);
  await stack.deliver(captured(ONE), captured(TWO, { timeMs: START_MS + MINUTE }));
  const id = idOf(TWO);
  const claimed = () => claim({ flagId: id, attempt: 0 }, stack);
  return { stack, id, claimed };
}

/** The flag as a forger writes it: its version follows the one that is there. */
async function forgery(flag: Flag, shows: Partial<Flag>): Promise<Flag> {
  return { ...flag, ...shows, version: flag.version + 1 } as Flag;
}

it('the refund that these attacks abuse goes where nothing is forged', async () => {
  const { stack, id } = await duplicate();
  expect(await stack.work(id)).toMatchObject({ status: 'refunded', refundMinor: TWO.amountMinor });
  expect([...stack.refunds.values()]).toEqual([TWO.amountMinor]);
});

it('I1: a flag that is refunding, which no window and no record knows, calls no gateway', async () => {
  const stack = await createStack(dynamodb, LIMITED);
  const forged = flag({
    status: 'refunding',
    charge: { ...TWO, amountMinor: WANTED_MINOR },
    refundMinor: WANTED_MINOR,
    updatedAtMs: START_MS - HOUR,
    windows: [{ detector: 'same-order', fingerprint: asFingerprint('same-order|k1|invented') }],
  });
  await stack.putFlag(forged);
  expect(await stack.work(forged.id)).toMatchObject({ status: 'refunding', unanswered: true });
  expect(stack.refunds.size).toBe(0);
});

it('I2: the amount of a flag that is raised after its claim is not the amount that goes', async () => {
  const { stack, id, claimed } = await duplicate();
  await claimed();
  const claimedFlag = await stack.readFlag(id);
  await stack.putFlag(
    await forgery(claimedFlag, { refundMinor: WANTED_MINOR, charge: { ...TWO, amountMinor: WANTED_MINOR } }),
  );
  await stack.work(id);
  expect([...stack.refunds.values()].every((minor) => minor <= TWO.amountMinor)).toBe(true);
});

it('I3: a claim that is put into the record, and has no reservation, calls no gateway', async () => {
  const { stack, id } = await duplicate();
  const record = await stack.readRecord(id);
  const claimedAtMs = stack.nowMs();
  const ours = { attempt: 0, state: 'claimed', refundMinor: TWO.amountMinor, atMs: claimedAtMs, restsOn: [] } as const;
  await stack.putRecord({ ...record, version: record.version + 1, ours });
  const open = await stack.readFlag(id);
  const refunding = { status: 'refunding', refundMinor: TWO.amountMinor, claimedAtMs, restsOn: [] } as const;
  await stack.putFlag(await forgery(open, refunding));
  expect(await stack.work(id)).toMatchObject({ status: 'refunding', unanswered: true });
  expect(stack.refunds.size).toBe(0);
});

it.each([
  ['another charge', { charge: { source: ONE.source, chargeId: 'another' } }],
  ['another amount', { amountMinor: WANTED_MINOR }],
  ['another currency', { currency: 'JPY' }],
])('I4: a reservation of %s does not fit the claim', async (_, shows) => {
  const { stack, id, claimed } = await duplicate();
  await claimed();
  const reservation = await stack.reservations.readReservation({ flagId: id, attempt: 0 });
  if (reservation === undefined) throw new Error('the claim has no reservation');
  await stack.putReservation({ ...reservation, ...shows });
  expect(await stack.work(id)).toMatchObject({ status: 'refunding', unanswered: true });
  expect(stack.refunds.size).toBe(0);
});

it('I5: charges that are restored to an earlier time refund nothing automatically', async () => {
  const { stack, id, claimed } = await duplicate();
  await claimed();
  await stack.forgetCharges();
  expect(await stack.work(id)).toMatchObject({ status: 'refunding', unanswered: true });
  expect(stack.refunds.size).toBe(0);
});

it('I5: charges that are restored to before a refund do not pay it again when their events come again', async () => {
  const { stack, id } = await duplicate();
  await stack.work(id);
  await stack.forgetCharges();
  await stack.deliver(captured(ONE), captured(TWO, { timeMs: START_MS + MINUTE }));
  await stack.work(id);
  expect(stack.refunds.size).toBe(1);
});

it('I6: a capture whose amount is raised in its record is not refunded above the limit', async () => {
  const { stack, id } = await duplicate();
  for (const each of [ONE, TWO]) {
    const record = await stack.readRecord(idOf(each));
    if (!isCaptured(record)) throw new Error('the charge is captured');
    const raised = { ...record.capture, charge: { ...record.capture.charge, amountMinor: WANTED_MINOR } };
    await stack.putRecord({ ...record, version: record.version + 1, capture: raised });
  }
  const { status } = await stack.work(id);
  expect(status).not.toBe('refunded');
  expect(stack.refunds.size).toBe(0);
});

it('I7: a claim that is marked as called for without its approvals calls no gateway', async () => {
  const dear = { amountMinor: WANTED_MINOR };
  const stack = await createStack(dynamodb, LIMITED);
  const [one, two] = [charge({ chargeId: 'one', ...dear }), charge({ chargeId: 'two', ...dear })];
  await stack.deliver(captured(one), captured(two, { timeMs: START_MS + MINUTE }));
  const id = idOf(two);
  expect(await stack.work(id)).toMatchObject({ status: 'held', wait: { waitsFor: ['limit'] } });
  // The role of `claim` is stolen: it writes record, reservation and flag.
  const record = await stack.readRecord(id);
  const claimedAtMs = stack.nowMs();
  const amount = { refundMinor: WANTED_MINOR, restsOn: ['single-charge'] as const };
  const ours = { attempt: 0, state: 'claimed', atMs: claimedAtMs, called: true, ...amount } as const;
  await stack.putRecord({ ...record, version: record.version + 1, ours });
  const { source, chargeId, currency } = two;
  await stack.putReservation({
    flagId: id,
    attempt: 0,
    charge: { source, chargeId },
    amountMinor: WANTED_MINOR,
    currency,
  });
  const held = await stack.readFlag(id);
  await stack.putFlag(await forgery(held, { status: 'refunding', claimedAtMs, ...amount }));
  expect(await stack.work(id)).toMatchObject({ status: 'refunding', unanswered: true });
  expect(stack.refunds.size).toBe(0);
});

it('I8: a survivor that is put into window and record is no charge at the processor: the refund waits', async () => {
  const stack = await createStack(dynamodb, LIMITED);
  await stack.deliver(captured(ONE), captured(TWO, { timeMs: START_MS + MINUTE }));
  const invented = await stack.readRecord(idOf(ONE));
  const real = stack.processor.lookup;
  // The processor knows the second charge alone: the first one is an item that someone has written.
  stack.processor.lookup = (of) => (of.chargeId === invented.chargeId ? { kind: 'not-found' } : real(of));
  expect(await stack.work(idOf(TWO))).toMatchObject({ status: 'held', wait: { waitsFor: ['unconfirmed'] } });
  expect(stack.refunds.size).toBe(0);
});
