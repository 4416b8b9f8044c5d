import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Charge } from '../../core/events/payment-event.ts';
import type { RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { charge } from '../fixtures/charges.ts';

/** How a charge stands at the processor before we ask; `behaviour` is what the processor will do about the first refund. */
export interface Booked {
  readonly state?: 'authorized' | 'captured' | 'voided' | 'disputed';
  readonly refundedMinor?: number;
  readonly behaviour?: 'fails' | 'times-out-after-success' | 'pending:2';
  /** The movement of money that it shares with other charges; without it, it is its own. */
  readonly movement?: string;
}

/** What the processor's own books say afterwards. */
export interface Standing {
  readonly state: string;
  /** All that was given back, by whomever. */
  readonly refundedMinor: number;
}

/** A processor that a test can set up and look into, and our gateway to it. */
export interface TestedProcessor {
  readonly gateway: RefundGateway;
  book(charge: Charge, booked: Booked): Promise<void>;
  standingOf(charge: Charge): Promise<Standing>;
  stop(): Promise<void>;
}

let named = 0;

/** A refund of a charge that no other test has. */
export function newRequest(shows: Partial<ReversalRequest> = {}): ReversalRequest {
  const flagId = `f${++named}`;
  const asked = shows.charge ?? charge({ chargeId: `ch_${named}` });
  return {
    charge: asked,
    refundMinor: asked.amountMinor,
    idempotencyKey: `${flagId}-0`,
    reference: `onecharge-${flagId}-0`,
    ...shows,
  };
}

/** What every gateway must do, whoever is behind it. */
export function refundGatewaySuite(name: string, start: () => Promise<TestedProcessor>): void {
  describe(`the gateway ${name}`, () => {
    let processor: TestedProcessor;
    beforeAll(async () => {
      processor = await start();
    });
    afterAll(() => processor?.stop());

    async function asking(booked: Booked, shows: Partial<ReversalRequest> = {}) {
      const request = newRequest(shows);
      await processor.book(request.charge, booked);
      return {
        request,
        ask: () => processor.gateway.reverse(request),
        lookUp: () => processor.gateway.lookup(request.charge),
        standing: () => processor.standingOf(request.charge),
      };
    }

    it('gives the money back, and says under which reference', async () => {
      const { ask, standing } = await asking({});
      expect(await ask()).toEqual({ kind: 'refunded', processorReference: expect.stringMatching(/\S/) });
      expect(await standing()).toEqual({ state: 'captured', refundedMinor: 12_900 });
    });

    it('refunds once when it is asked again under the same key', async () => {
      const { ask, standing } = await asking({});
      const first = await ask();
      expect(await ask()).toEqual(first);
      expect(await standing()).toEqual({ state: 'captured', refundedMinor: 12_900 });
    });

    it('refunds part of a charge once, though there is room for it twice', async () => {
      const { ask, standing } = await asking({}, { refundMinor: 4_000 });
      const first = await ask();
      expect([first.kind, await ask()]).toEqual(['refunded', first]);
      expect(await standing()).toMatchObject({ refundedMinor: 4_000 });
    });

    it('refunds once when many ask at once under the same key', async () => {
      const { ask, standing } = await asking({}, { refundMinor: 1_000 });
      const outcomes = await Promise.all(Array.from({ length: 8 }, ask));
      expect(outcomes.filter(({ kind }) => kind !== 'refunded' && kind !== 'unknown')).toEqual([]);
      expect((await ask()).kind).toBe('refunded');
      expect(await standing()).toMatchObject({ refundedMinor: 1_000 });
    });

    it('never gives back more than the charge, whatever keys race for it', async () => {
      const { request, standing } = await asking({});
      const outcomes = await Promise.all(
        Array.from({ length: 4 }, async (_, attempt) => {
          const named = { idempotencyKey: `${request.idempotencyKey}${attempt}`, reference: `race-${attempt}` };
          return untilKnown(() => processor.gateway.reverse({ ...request, ...named }));
        }),
      );
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['refunded', ...Array(3).fill('reversed-externally')]);
      expect(await standing()).toMatchObject({ refundedMinor: 12_900 });
    });

    it('gives back what others have left', async () => {
      const { ask, standing } = await asking({ refundedMinor: 4_900 }, { refundMinor: 8_000 });
      expect((await ask()).kind).toBe('refunded');
      expect(await standing()).toMatchObject({ refundedMinor: 12_900 });
    });

    it('moves nothing when others have left less than it is asked for', async () => {
      const { ask, standing } = await asking({ refundedMinor: 4_900 });
      expect((await ask()).kind).toBe('failed');
      expect(await standing()).toMatchObject({ refundedMinor: 4_900 });
    });

    it('answers reversed-externally when others have refunded all of it', async () => {
      const { ask, standing } = await asking({ refundedMinor: 12_900 });
      expect([await ask(), await ask()]).toEqual([{ kind: 'reversed-externally' }, { kind: 'reversed-externally' }]);
      expect(await standing()).toMatchObject({ refundedMinor: 12_900 });
    });

    it('answers reversed-externally for a charge that was voided', async () => {
      const { ask } = await asking({ state: 'voided' });
      expect(await ask()).toEqual({ kind: 'reversed-externally' });
    });

    it('voids rather than refunds what is not settled, and knows it as its own work when asked again', async () => {
      const { ask, standing } = await asking({ state: 'authorized' });
      const first = await ask();
      expect([first.kind, await ask()]).toEqual(['refunded', first]);
      expect(await standing()).toMatchObject({ state: 'voided' });
    });

    it('fails on a disputed charge: the dispute decides', async () => {
      const { ask, standing } = await asking({ state: 'disputed' });
      expect((await ask()).kind).toBe('failed');
      expect(await standing()).toEqual({ state: 'disputed', refundedMinor: 0 });
    });

    it('says why the processor refuses for good, and stays with it', async () => {
      const { ask, standing } = await asking({ behaviour: 'fails' });
      const first = await ask();
      expect(first).toEqual({ kind: 'failed', reason: expect.stringMatching(/\S/) });
      expect(await ask()).toEqual(first);
      expect(await standing()).toMatchObject({ refundedMinor: 0 });
    });

    it('fails on a charge that the processor does not know', async () => {
      expect((await processor.gateway.reverse(newRequest())).kind).toBe('failed');
    });

    it('moves nothing when the processor knows another amount or currency', async () => {
      const { request, standing } = await asking({});
      const other = { ...request, charge: { ...request.charge, currency: 'JPY' } };
      expect((await processor.gateway.reverse(other)).kind).toBe('failed');
      expect(await standing()).toMatchObject({ refundedMinor: 0 });
    });

    it('looks up what the processor knows of a charge, and changes nothing', async () => {
      const { request, lookUp, standing } = await asking({ refundedMinor: 4_900 });
      const { merchant, order, payer, amountMinor, currency } = request.charge;
      const record = { merchant, order, payer, amountMinor, currency, refundableMinor: 8_000 };
      expect(await lookUp()).toEqual({ kind: 'found', movement: expect.stringMatching(/\S/), ...record });
      expect(await lookUp()).toEqual(await lookUp());
      expect(await standing()).toEqual({ state: 'captured', refundedMinor: 4_900 });
    });

    it('looks up the processor’s record, not what our event has told', async () => {
      const { request } = await asking({});
      const told = { ...request.charge, merchant: 'm_2', order: 'o_2', payer: 'p_2', amountMinor: 1 };
      expect(await processor.gateway.lookup(told)).toMatchObject({
        merchant: 'm_1',
        order: 'o_1',
        payer: 'p_1',
        amountMinor: 12_900,
      });
    });

    it('looks up a movement for each charge, and one for charges that share it', async () => {
      const [one, two, three, four] = [newRequest(), newRequest(), newRequest(), newRequest()];
      await processor.book(one.charge, {});
      await processor.book(two.charge, {});
      await processor.book(three.charge, { movement: 'shared' });
      await processor.book(four.charge, { movement: 'shared' });
      const looked = await Promise.all([one, two, three, four].map(({ charge }) => processor.gateway.lookup(charge)));
      const movements = looked.map((lookup) => (lookup.kind === 'found' ? lookup.movement : lookup.kind));
      expect([new Set(movements).size, movements[2]]).toEqual([3, movements[3]]);
    });

    it.each([{ state: 'voided' }, { state: 'disputed' }, { refundedMinor: 12_900 }] as const)(
      'finds nothing to refund of a charge that is %j',
      async (booked) => {
        const { lookUp } = await asking(booked);
        expect(await lookUp()).toMatchObject({ kind: 'found', amountMinor: 12_900, refundableMinor: 0 });
      },
    );

    it('finds nothing left of a charge that it has refunded', async () => {
      const { ask, lookUp } = await asking({});
      await ask();
      expect(await lookUp()).toMatchObject({ refundableMinor: 0 });
    });

    it('does not find a charge that the processor does not know', async () => {
      expect(await processor.gateway.lookup(newRequest().charge)).toEqual({ kind: 'not-found' });
    });

    it('is pending until the processor is done, and then refunded once', async () => {
      const { ask, standing } = await asking({ behaviour: 'pending:2' }, { refundMinor: 3_000 });
      const outcomes = [await ask(), await ask(), await ask(), await ask()];
      expect(outcomes.map(({ kind }) => kind)).toEqual(['pending', 'pending', 'refunded', 'refunded']);
      expect(await standing()).toMatchObject({ refundedMinor: 3_000 });
    });

    it('does not know an answer that never came, and when asked again has refunded once', async () => {
      const { ask, standing } = await asking({ behaviour: 'times-out-after-success' }, { refundMinor: 3_000 });
      const outcomes = [await ask(), await ask(), await ask()];
      expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'refunded', 'refunded']);
      expect(await standing()).toMatchObject({ refundedMinor: 3_000 });
    });
  });
}

/** As the workflow does it, without its waits. */
async function untilKnown(ask: () => Promise<ReversalOutcome>): Promise<ReversalOutcome> {
  for (let asked = 0; asked < 10; asked++) {
    const outcome = await ask();
    if (outcome.kind !== 'unknown' && outcome.kind !== 'pending') return outcome;
  }
  throw new Error('still not known after 10 asks');
}
