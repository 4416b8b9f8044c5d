import { type FindPayerContext, findPayerStatus, type PayerQuestion } from '../../core/queries/find-payer-status.ts';
import type { PayerStatus } from '../../core/queries/payer-status.ts';
import { Problem } from './problem.ts';

/** Answers what became of a payer's charges; a problem where the question names more than one payer. */
export async function statusOf(question: PayerQuestion, context: FindPayerContext): Promise<PayerStatus> {
  const answer = await findPayerStatus(question, context);
  if (answer.kind === 'several-payers') {
    throw new Problem(
      'several-payers',
      'More than one payer paid it. Name the payer and its source, or ask by source and charge.',
    );
  }
  return answer.status;
}
