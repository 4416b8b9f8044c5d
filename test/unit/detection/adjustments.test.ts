import { describe, expect, it } from 'vitest';
import { attributesOf } from '../../../adapters/dynamodb/charge-items.ts';
import { decodeWindow, encodeWindow } from '../../../adapters/dynamodb/window-item.ts';
import type { Judgement } from '../../../core/detection/judging.ts';
import type { PaymentEvent } from '../../../core/events/payment-event.ts';
import { adjusted, arrival, captured, charge, DAY, MINUTE, START_MS, voided } from '../../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';

const one = charge({ chargeId: 'one' });
const two = charge({ chargeId: 'two' });
const tip = (amountMinor: number, n = 1) => adjusted({ ...one, amountMinor }, { timeMs: START_MS + n * MINUTE });

/** Windows in memory, with the number of writes to each. */
function world(rules = configuration()) {
  const context = detectionContext(rules);
  const judge = (...events: readonly PaymentEvent[]): Promise<readonly Judgement[]> =>
    judgeAndRaise(
      events.map((event) => arrival(event, context.clock.nowMs)),
      context,
    );
  const windowOf = (id: string) => {
    const found = context.windows.all().find(({ detector }) => detector === id);
    if (found === undefined) throw new Error(`${id} has no window`);
    return found;
  };
  return { ...context, context, judge, windowOf };
}

describe('an adjustment', () => {
  it('adds a likeness to the entry in each window that compares amounts, with one write', async () => {
    const { judge, windowOf } = world();
    await judge(captured(one));
    const [order, repeat] = [windowOf('same-order'), windowOf('rapid-repeat')];
    await judge(tip(15_000));
    expect(windowOf('same-order')).toMatchObject({ version: order.version + 1, entries: [{ also: [{}] }] });
    // Its key has the amount: within it charges agree in amount already.
    expect(windowOf('rapid-repeat')).toEqual(repeat);
    const after = windowOf('same-order');
    await judge(tip(15_000), captured({ ...one, amountMinor: 15_000 }, { timeMs: START_MS + MINUTE }));
    expect(windowOf('same-order')).toBe(after);
  });

  it('adds the amount where charges meet by near ones', async () => {
    const near = { ...SAME_ORDER, same: ['currency'], near: { percent: 10 }, action: 'review' };
    const { judge, windowOf } = world(configuration({ detectors: [near] }));
    await judge(captured(one), tip(20_000));
    expect(windowOf('same-order').entries).toMatchObject([{ amountMinor: 12_900, also: [{ amountMinor: 20_000 }] }]);
    const [judged] = await judge(captured({ ...two, amountMinor: 19_000 }));
    expect(judged).toMatchObject({ verdict: { kind: 'duplicate' } });
  });

  it('changes no verdict', async () => {
    const { judge } = world(configuration({ detectors: [SAME_ORDER, RAPID_REPEAT] }));
    await judge(captured(one));
    const first = await judge(captured({ ...two, amountMinor: 15_000 }));
    expect(first).toMatchObject([{ verdict: { kind: 'original' } }]);
    await judge(tip(15_000));
    expect(await judge(captured({ ...two, amountMinor: 15_000 }))).toMatchObject([{ verdict: { kind: 'original' } }]);
    expect(await judge(captured({ ...charge({ chargeId: 'three' }), amountMinor: 15_000 }))).toMatchObject([
      { verdict: { kind: 'duplicate' } },
    ]);
  });

  it('files a charge that its own worker has left unfiled', async () => {
    const { judge, windowOf, context } = world();
    const { insertWindows } = context.windows;
    context.windows.insertWindows = async (windows) => windows.map(() => ({ failed: new Error('crashed') }));
    expect(await judge(captured(one))).toMatchObject([{ kind: 'failed' }]);
    context.windows.insertWindows = insertWindows;
    expect(await judge(tip(15_000))).toMatchObject([{ kind: 'judged' }]);
    expect(windowOf('same-order').entries).toMatchObject([{ verdict: { kind: 'original' }, also: [{}] }]);
    expect(await judge(captured(one))).toMatchObject([{ verdict: { kind: 'original' }, replay: true }]);
  });

  it('of a charge that was forgotten in time files nothing', async () => {
    const { judge, windows, clock } = world();
    await judge(captured(one));
    clock.nowMs = START_MS + 20 * DAY;
    await judge(tip(15_000));
    expect(windows.all().flatMap(({ entries }) => entries.flatMap(({ also = [] }) => also))).toEqual([]);
  });

  it('of a charge that has had more amounts than its record keeps leaves the entry bounded', async () => {
    const { judge, windowOf } = world();
    await judge(captured(one));
    for (let n = 1; n <= 50; n++) await judge(tip(20_000 + n, n));
    const after = windowOf('same-order');
    expect(after.entries[0]?.also).toHaveLength(20);
    await judge(tip(20_050, 50), tip(20_001, 1));
    expect(windowOf('same-order')).toBe(after);
    const copies = [20_050, 20_031].map((amountMinor, n) =>
      captured({ ...charge({ chargeId: `copy_${n}` }), amountMinor }),
    );
    for (const judged of await judge(...copies)) expect(judged).toMatchObject({ verdict: { kind: 'duplicate' } });
  });

  it('costs windows without one not a byte', async () => {
    const { judge, windowOf } = world();
    await judge(captured(one), captured(two));
    expect(encodeWindow(windowOf('same-order')).facts).not.toContain('also');
    await judge(tip(15_000), tip(16_000, 2));
    const item = encodeWindow(windowOf('same-order'));
    expect(decodeWindow(attributesOf(item), 0).window).toEqual(windowOf('same-order'));
  });
});

it('facts that wait for their capture are counted', async () => {
  const { judge } = world();
  const { source, chargeId } = one;
  expect(await judge(voided({ source, chargeId }))).toMatchObject([{ kind: 'judged', isUncaptured: true }]);
  await judge(captured(one));
  expect(await judge(voided({ source, chargeId }))).not.toMatchObject([{ isUncaptured: true }]);
});
