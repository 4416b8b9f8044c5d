import { hash } from 'node:crypto';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createSealStore } from '../../adapters/s3/seal-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { asCaseId, type CaseId, type Ms } from '../../core/brands.ts';
import { readSeals, type SealedHeads, type SealsRead } from '../../core/cases/read-seals.ts';
import { type VerifiedCase, type VerifyContext, verifyCase, verifyCases } from '../../core/cases/verify-cases.ts';
import { UserError } from '../../core/user-error.ts';
import { endOnSignals, signalCode } from '../process/ending.ts';
import { Progress } from '../progress.ts';
import { findDeployment } from '../stack.ts';

interface VerifyOptions {
  readonly stage: string;
  readonly case?: string;
}

export interface Verified {
  readonly cases: number;
  readonly entries: number;
  readonly brokenCases: number;
  /** The first of them, as lines. */
  readonly broken: readonly string[];
}

const EXIT_BROKEN = 1;
/** The chain is hashed without a key, so that whoever may read it can check it. */
const DIGESTS = { hash256: (text: string) => hash('sha256', text, 'hex') };
/** More lines than these no one reads. */
const LISTED_MAX = 50;
const NUMBER = new Intl.NumberFormat('en');

/** `onecharge verify`: are the audit chains of all cases, or of one, as they were written? */
export async function verifyCommand({ stage, case: id }: VerifyOptions): Promise<number> {
  endOnSignals(signalCode);
  const { aws, outputs } = await findDeployment(stage);
  const cases = createCaseStore({ client: aws.dynamo, table: outputs.CasesTableName });
  const seals = createSealStore({ s3: aws.s3, bucket: outputs.SealBucketName });
  const progress = new Progress();
  const read = await progress.step('seals', () => readSeals({ seals, digests: DIGESTS }));
  const sealed = read.newest;
  const verified = await progress.step('verify', (note) =>
    verify({ cases, id, sealed, note, nowMs: systemRuntime.nowMs }),
  );
  for (const line of [...read.problems, ...verified.broken]) console.log(line);
  console.log(describeVerified(verified));
  console.log(describeSeals(read));
  return verified.brokenCases + read.problems.length > 0 ? EXIT_BROKEN : 0;
}

/** @throws UserError when there is no case of this id. */
export async function verify({
  cases,
  id,
  sealed,
  note = () => {},
  nowMs,
}: {
  readonly cases: VerifyContext['cases'];
  readonly id?: string | undefined;
  readonly sealed?: SealedHeads | undefined;
  readonly note?: (text: string) => void;
  readonly nowMs: () => Ms;
}): Promise<Verified> {
  const context = { cases, sealed, digests: DIGESTS, nowMs };
  const broken: string[] = [];
  let [checked, entries, brokenCases] = [0, 0, 0];
  for await (const { caseId, check } of id === undefined ? verifyCases(context) : onlyCase(asCaseId(id), context)) {
    checked++;
    if (check.kind === 'intact') entries += check.length;
    else if (++brokenCases <= LISTED_MAX)
      broken.push(`case ${caseId} is broken at entry ${check.seq}: ${check.reason}`);
    note(`${checked} cases, ${brokenCases} broken`);
  }
  return { cases: checked, entries, brokenCases, broken };
}

async function* onlyCase(id: CaseId, context: VerifyContext): AsyncGenerator<VerifiedCase> {
  const verified = await verifyCase(id, context);
  if (verified === undefined) throw new UserError(`There is no case ${id}; the compliance API lists them`);
  yield verified;
}

export function describeVerified({ cases, entries, brokenCases, broken }: Verified): string {
  const all = `${NUMBER.format(cases)} ${cases === 1 ? 'case' : 'cases'}`;
  if (brokenCases === 0) return `No chain is broken: ${all}, ${NUMBER.format(entries)} audit entries.`;
  const shown = brokenCases > broken.length ? ` (the first ${broken.length} are shown)` : '';
  return `Broken: ${NUMBER.format(brokenCases)} of ${all}${shown}.`;
}

export function describeSeals({ newest, problems }: SealsRead): string {
  if (newest === undefined) return 'No seal has been written yet: chains were compared with their cases alone.';
  const chains = `${NUMBER.format(newest.heads.size)} ${newest.heads.size === 1 ? 'chain' : 'chains'}`;
  const compared = `Compared with the seal of ${newest.day}: ${chains}`;
  return problems.length === 0
    ? `${compared}.`
    : `${compared}; the seals themselves are wrong in ${problems.length} places.`;
}
