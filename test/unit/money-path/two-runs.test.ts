import { describe, expect, it } from 'vitest';
import { claim } from '../../../core/refunds/claim.ts';
import { approve } from '../../../core/refunds/decide-hold.ts';
import { freeze } from '../../../core/refunds/freeze.ts';
import { record } from '../../../core/refunds/record.ts';
import type { ReversalOutcome } from '../../../core/refunds/refund-gateway.ts';
import { reverse } from '../../../core/refunds/reverse.ts';
import { AMOUNT_MINOR, captured, charge, DAY, disputed, MINUTE, START_MS } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { inTurn, playEveryOrder, type Turn, untilDone, type Worker } from '../../fixtures/interleavings.ts';
import { foundAsTold, type RefundWorld, refundWorld } from '../../fixtures/refund-world.ts';

const ONE_REFUND = { refunds: { budgetPerHourMinor: { merchant: { CNY: AMOUNT_MINOR } } } };
const ORDER = [captured(charge({ chargeId: 'one' })), captured(charge({ chargeId: 'two' }))] as const;
const REFUSED: ReversalOutcome = { kind: 'failed', reason: 'no balance' };
const ACCEPTED: ReversalOutcome = { kind: 'refunded', processorReference: 're_1' };
const SILENT: ReversalOutcome = { kind: 'unknown', reason: 'no answer' };

/** Two charges of one order; the claim of the second one was granted. */
async function claimed(shows: Readonly<Record<string, unknown>> = {}) {
  const world = refundWorld(configuration(shows));
  await world.deliver(...ORDER);
  const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
  await claim(attempt, world);
  return { world, attempt };
}

const oursOf = ({ records, flagOn }: RefundWorld) => records.all().find(({ id }) => id === flagOn('two').id)?.ours;

describe('two runs of one attempt whose answers come in any order', () => {
  /** A processor that answers its first call so and the second one otherwise. Each answer takes its time. */
  function processor(answers: readonly ReversalOutcome[]) {
    let calls = 0;
    const moved: string[] = [];
    const reverseIn =
      (turn: Turn) =>
      async ({ idempotencyKey }: { readonly idempotencyKey: string }) => {
        await turn();
        const answer = answers[Math.min(calls++, answers.length - 1)] ?? SILENT;
        if (answer.kind === 'refunded') moved.push(idempotencyKey);
        await turn();
        return answer;
      };
    return { reverseIn, moved };
  }

  /** Both runs ask and conclude; what is still unknown is asked again by the run that was last. */
  async function play(answers: readonly ReversalOutcome[]) {
    const { world, attempt } = await claimed();
    const { reverseIn, moved } = processor(answers);
    const run: Worker = async (turn) => {
      const lookup = async (of: Parameters<typeof foundAsTold>[0]) => foundAsTold(of);
      const mine: RefundWorld = {
        ...world,
        gatewayOf: () => ({ lookup, reverse: reverseIn(turn) }),
        records: inTurn(world.records, ['replaceRecord'], turn),
        cases: inTurn(world.cases, ['commit'], turn),
      };
      for (let asked = 0; asked < 3; asked++) {
        const answered = await reverse({ ...attempt, asked }, mine);
        if (answered.next === 'record') await record(answered, mine);
        if (answered.next !== 'ask') return;
      }
    };
    const check = async () => {
      const { status, discrepancy } = world.flagOn('two');
      const end = {
        status,
        contradicted: discrepancy !== undefined,
        ours: oursOf(world)?.state,
        moved: moved.length > 0,
      };
      if (moved.length === 0) expect(end).toMatchObject({ status: 'failed', ours: 'failed' });
      else if (status === 'failed') expect(end).toMatchObject({ contradicted: true, ours: 'refunded' });
      else expect(end).toMatchObject({ status: 'refunded', contradicted: false, ours: 'refunded' });
    };
    return { workers: [run, run], check };
  }

  it.each<[string, readonly ReversalOutcome[]]>([
    ['no answer, then a refund', [SILENT, ACCEPTED]],
    ['no answer, then a refusal', [SILENT, REFUSED]],
    ['a refund, then a refusal', [ACCEPTED, REFUSED]],
    ['a refusal, then a refund: the processor has forgotten that it refused', [REFUSED, ACCEPTED]],
    ['the same refund twice', [ACCEPTED, ACCEPTED]],
  ])('end with what the processor did: %s', async (_, answers) => {
    expect(await playEveryOrder(() => play(answers))).toBeGreaterThan(100);
  });

  it('leave no approval of another attempt where a refusal was recorded before the refund', async () => {
    const { world, attempt } = await claimed();
    await record({ ...attempt, outcome: REFUSED }, world);
    await record({ ...attempt, outcome: ACCEPTED }, world);
    expect(world.flagOn('two')).toMatchObject({ status: 'failed', discrepancy: { what: 'not-known' } });
    const decision = { flagId: attempt.flagId, by: 'ann', reason: 'try again' };
    expect(await approve(decision, world)).toEqual({ kind: 'refused', reason: 'unreconciled' });
    expect(world.cases.allCases()).toMatchObject([{ status: 'open', unreconciled: 1 }]);
    const before = world.flagOn('two');
    await record({ ...attempt, outcome: ACCEPTED }, world);
    expect(world.flagOn('two')).toEqual(before);
  });

  it('say so also where the flag has come to another attempt', async () => {
    const { world, attempt } = await claimed();
    const two = charge({ chargeId: 'two' });
    await record({ ...attempt, outcome: REFUSED }, world);
    await world.deliver(disputed(two, 'open', { timeMs: START_MS + MINUTE }));
    await world.work('two');
    await world.deliver(disputed(two, 'merchant', { timeMs: START_MS + 2 * MINUTE }));
    expect(world.flagOn('two')).toMatchObject({ status: 'open', attempt: 2 });
    await record({ ...attempt, outcome: ACCEPTED }, world);
    expect(world.flagOn('two')).toMatchObject({ discrepancy: { what: 'not-known' } });
    expect(await world.work('two')).toMatchObject({ status: 'held' });
    expect(world.refunds.size).toBe(0);
  });
});

describe('a refusal under one key', () => {
  it('is kept by the record: no late run asks a processor that would accept now', async () => {
    const { world, attempt } = await claimed();
    const running = world.flagOn('two');
    world.processor.refuses = true;
    await world.work('two');
    world.processor.refuses = false;
    world.clock.nowMs += 2 * DAY;
    let reads = 0;
    const readFlags: typeof world.cases.readFlags = async (ids) =>
      reads++ === 0 ? [running] : world.cases.readFlags(ids);
    const late = { ...world, cases: { ...world.cases, readFlags } };
    expect(await reverse(attempt, late)).toMatchObject({ next: 'record', outcome: { kind: 'failed' } });
    expect(await reverse(attempt, world)).toMatchObject({ next: 'end' });
    expect(world.refunds.size).toBe(0);
  });

  it('that was never recorded is asked for again, and the refund that follows is the only one', async () => {
    const { world, attempt } = await claimed();
    world.processor.refuses = true;
    expect(await reverse(attempt, world)).toMatchObject({ next: 'record' });
    world.processor.refuses = false;
    world.clock.nowMs += 7 * DAY;
    const again = await reverse(attempt, world);
    if (again.next === 'record') await record(again, world);
    expect(world.flagOn('two')).toMatchObject({ status: 'refunded' });
    expect(world.refunds.size).toBe(1);
  });
});

describe('two runs of one claim and a freeze', () => {
  async function play() {
    const world = refundWorld(configuration(ONE_REFUND));
    await world.deliver(...ORDER);
    const attempt = { flagId: world.flagOn('two').id, attempt: 0 };
    const run: Worker = (turn) => {
      const mine: RefundWorld = {
        ...world,
        freezes: inTurn(world.freezes, ['isFrozen'], turn),
        claims: inTurn(world.claims, ['grant'], turn),
        budgets: {
          ...inTurn(world.budgets, ['allocate', 'ensureAllocated'], turn),
          releaseAllocation: async (name) => {
            await turn();
            await world.budgets.releaseAllocation(name);
            await turn();
          },
        },
      };
      return untilDone(async () => void (await claim(attempt, mine)));
    };
    const freezing: Worker = async (turn) => {
      await untilDone(turn);
      await freeze({ by: 'ann', reason: 'a bad release' }, world);
    };
    const check = async () => {
      const probe = { name: 'probe', merchant: 'm_1', currency: 'CNY', refundMinor: 1 };
      const caps = { merchantMaxMinor: AMOUNT_MINOR, totalMaxMinor: undefined, nowMs: world.nowMs() };
      const room = await world.budgets.allocate({ ...probe, ...caps });
      expect({ claim: oursOf(world)?.state, room }).toEqual(
        oursOf(world) === undefined ? { claim: undefined, room: 'allocated' } : { claim: 'claimed', room: 'spent' },
      );
    };
    return { workers: [run, run, freezing], check };
  }

  it('count the budget of a granted claim in every order, and of no other', async () => {
    expect(await playEveryOrder(play)).toBeGreaterThan(500);
  });

  it('count it also where a run dies anywhere and runs again', async () => {
    expect(await playEveryOrder(play, { crashesMax: 1 })).toBeGreaterThan(5_000);
  });
});
