import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import type { CaseStore, WaitingFlag } from '../../core/cases/case-store.ts';
import { amountMinorOf } from '../../core/cases/flag-history.ts';
import { reasonsOf } from '../../core/cases/sentences.ts';
import { iso } from '../../core/clock-units.ts';
import { formatMoney } from '../../core/events/format-money.ts';
import { pages } from '../../core/pages.ts';
import { reviewScore } from '../../core/queries/review-score.ts';
import { flagView } from '../../core/queries/views.ts';
import { findDeployment } from '../stack.ts';

interface WaitingOptions {
  readonly stage: string;
  readonly limit: number;
  readonly json?: boolean;
}

const PAGE_MAX = 100;

/** `onecharge waiting`: what waits for an approver, best score first, each reason as a sentence. */
export async function waitingCommand({ stage, limit, json = false }: WaitingOptions): Promise<void> {
  const { aws, outputs } = await findDeployment(stage);
  const cases = createCaseStore({ client: aws.dynamo, table: outputs.CasesTableName });
  const flags = await firstWaiting(cases, limit);
  for (const flag of flags) console.log(json ? JSON.stringify(flagView(flag)) : describeWaiting(flag));
  if (flags.length === 0 && !json) console.log('No refund waits for an approver.');
}

/** Reads the first flags of the list, over as many pages as they take. */
export async function firstWaiting(
  cases: Pick<CaseStore, 'waitingFlags'>,
  limit: number,
): Promise<readonly WaitingFlag[]> {
  const found: WaitingFlag[] = [];
  for await (const { items } of pages((from) => cases.waitingFlags({ limit: Math.min(limit, PAGE_MAX), ...from }))) {
    found.push(...items);
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

/** One line for the flag, and one for each reason. */
export function describeWaiting(flag: WaitingFlag): string {
  const { id, charge, status } = flag;
  const since = iso(flag.wait.asked?.sinceMs ?? flag.updatedAtMs);
  const amount = formatMoney(amountMinorOf(flag), charge);
  const head = [String(reviewScore(flag)).padStart(3), amount.padStart(16), charge.merchant, charge.chargeId];
  const line = [...head, `${status} since ${since}`, `flag ${id}`].join('  ');
  return [line, ...reasonsOf(flag, 'shown').map(({ sentence }) => `     ${sentence.en}`)].join('\n');
}
