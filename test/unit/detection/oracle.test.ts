import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../core/configuration/configuration.ts';
import { flagIdOf } from '../../../core/detection/fingerprint.ts';
import type { Arrival, Judgement } from '../../../core/detection/judging.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { detectionContext, judgeAndRaise } from '../../fixtures/contexts.ts';
import { configurationsShown, type Delivery, sequences } from '../../fixtures/sequences.ts';
import { Oracle, type Answer as OracleAnswer, type RaisedFlag } from './oracle.ts';

const NUM_RUNS = Number(process.env.ONECHARGE_PROPERTY_RUNS ?? 5_000);

/** The core names an original by the id of its record. */
type Answer =
  | Exclude<OracleAnswer, { readonly kind: 'duplicate' }>
  | { readonly kind: 'duplicate'; readonly root: string; readonly detector: string };

interface Verdicts {
  readonly verdicts: readonly Answer[];
  /** All flags as they were after each batch. */
  readonly flags: readonly (readonly RaisedFlag[])[];
}

describe('detection agrees with the oracle, verdict by verdict and flag by flag', () => {
  it.each([
    ['one event at a time', () => true],
    ['in any batches of the same order', ({ endsBatch }: Delivery) => endsBatch],
  ])('%s', { timeout: 3_600_000 }, async (_, isEnd) => {
    await fc.assert(
      fc.asyncProperty(configurationsShown, sequences, async (shown, deliveries) => {
        const configured = configuration(shown);
        const batches = batchesOf(deliveries, isEnd);
        expect(await byCore(configured, batches)).toEqual(byOracle(configured, batches));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

interface Batch {
  readonly nowMs: number;
  readonly arrivals: readonly Arrival[];
}

function batchesOf(deliveries: readonly Delivery[], isEnd: (delivery: Delivery) => boolean): readonly Batch[] {
  const batches: Batch[] = [];
  let arrivals: Arrival[] = [];
  for (const [at, delivery] of deliveries.entries()) {
    arrivals.push({ event: delivery.event, arrivedMs: delivery.arrivedMs });
    if (!isEnd(delivery) && at < deliveries.length - 1) continue;
    batches.push({ nowMs: delivery.arrivedMs, arrivals });
    arrivals = [];
  }
  return batches;
}

async function byCore(configured: Configuration, batches: readonly Batch[]): Promise<Verdicts> {
  const context = detectionContext(configured);
  const verdicts: Answer[] = [];
  const flags: (readonly RaisedFlag[])[] = [];
  for (const { nowMs, arrivals } of batches) {
    context.clock.nowMs = nowMs;
    const judgements = await judgeAndRaise(arrivals, context);
    verdicts.push(...judgements.map(answerOf));
    flags.push(
      sorted(
        context.cases.allFlags().map(({ charge: { source, chargeId }, detector, action }) => {
          return { ref: { source, chargeId }, detector, action };
        }),
      ),
    );
  }
  return { verdicts, flags };
}

function byOracle(configured: Configuration, batches: readonly Batch[]): Verdicts {
  const oracle = new Oracle(configured);
  const verdicts: Answer[] = [];
  const flags = batches.map(({ nowMs, arrivals }) => {
    for (const { event } of arrivals) verdicts.push(inIds(oracle.judge(event, nowMs)));
    return sorted(oracle.raise(nowMs));
  });
  return { verdicts, flags };
}

function inIds(answer: OracleAnswer): Answer {
  if (answer.kind !== 'duplicate') return answer;
  return { kind: 'duplicate', root: flagIdOf(answer.original, digests), detector: answer.detector };
}

function answerOf(judgement: Judgement): Answer {
  switch (judgement.kind) {
    case 'judged':
      return judgement.verdict ?? { kind: 'noted' };
    case 'quarantined':
      return { kind: 'conflict' };
    case 'failed':
      throw judgement.error;
  }
}

function sorted(flags: readonly RaisedFlag[]): readonly RaisedFlag[] {
  const key = ({ ref }: RaisedFlag): string => `${ref.source} ${ref.chargeId}`;
  return flags.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
