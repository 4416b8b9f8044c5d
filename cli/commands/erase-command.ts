import { randomUUID } from 'node:crypto';
import { plainDigests } from '../../adapters/crypto/digests.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createErasureLog } from '../../adapters/dynamodb/erasure-log.ts';
import { createPayerSearch } from '../../adapters/dynamodb/payer-search.ts';
import { createQuarantineIndex } from '../../adapters/dynamodb/quarantine-index.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { ERASED } from '../../core/events/erased-payer.ts';
import { UserError } from '../../core/user-error.ts';
import { createErasableObjects } from '../erasable-objects.ts';
import { type EraseContext, type Erased, erasePayer, type Found, findPayer } from '../erase.ts';
import { openToChange } from '../open-to-change.ts';
import { Progress } from '../progress.ts';
import { type Deployment, findDeployment } from '../stack.ts';
import { readDeployedConfiguration } from '../stage-configuration.ts';

export interface EraseOptions {
  readonly stage: string;
  readonly payer: string;
  readonly source: string;
  readonly reason: string;
  readonly apply?: boolean;
  readonly yes?: boolean;
}

const EXIT_REFUSED = 1;

/** `onecharge erase`: puts a placeholder in the place of a payer's token. Without `--apply` it only counts. */
export async function eraseCommand({
  stage,
  payer,
  source,
  reason,
  apply = false,
  yes,
}: EraseOptions): Promise<number> {
  if (payer.startsWith(ERASED)) throw new UserError('--payer is a placeholder: this payer was erased before');
  if (reason.includes(payer)) {
    throw new UserError('--reason must not have the token: it stays. Name the request by its number');
  }
  const { operator, ...deployment } = apply ? await openToChange({ stage, yes }) : await onlyToLook(stage);
  const { namespaceOf, sourceOf } = readDeployedConfiguration(stage, deployment.outputs);
  if (sourceOf(source) === undefined)
    throw new UserError(`${source} is not registered; the configuration has "sources"`);
  const context = { ...eraseContext(deployment), namespaceOf };
  const progress = new Progress();
  const found = await progress.step('find', () => findPayer({ payer, source }, context));
  for (const line of describeFound(found)) console.log(line);
  if (found.obstacles.length > 0) return EXIT_REFUSED;
  if (operator === undefined) {
    console.log('Nothing was changed. Erase the payer with --apply.');
    return 0;
  }
  const placeholder = `${ERASED}${randomUUID()}`;
  const act = { actor: operator, atMs: systemRuntime.nowMs(), reason: `payer erased: ${reason}` };
  const erased = await progress.step('erase', () => erasePayer(found, { payer, placeholder, act }, context));
  const { dynamo } = deployment.aws;
  const log = createErasureLog({ client: dynamo, table: deployment.outputs.ControlsTableName });
  await log.noteErasure({ placeholder, by: operator, atMs: act.atMs, reason, ...erased });
  console.log(describeErased(erased, placeholder));
  return erased.left > 0 ? EXIT_REFUSED : 0;
}

async function onlyToLook(stage: string): Promise<Deployment & { readonly operator?: undefined }> {
  return findDeployment(stage);
}

function eraseContext({ aws, outputs }: Deployment): Omit<EraseContext, 'namespaceOf'> {
  const { dynamo: client, s3 } = aws;
  const [charges, cases] = [outputs.ChargesTableName, outputs.CasesTableName];
  return {
    ...systemRuntime,
    digests: plainDigests,
    cases: createCaseStore({ client, table: cases }),
    records: createRecordStore({ client, table: charges, ...systemRuntime }),
    search: createPayerSearch({ client, charges, cases }),
    objects: createErasableObjects({
      s3,
      index: createQuarantineIndex({ dynamodb: client, table: outputs.QuarantineTableName }),
      quarantine: outputs.QuarantineBucketName,
      deadLetters: outputs.DeadLetterBucketName,
    }),
  };
}

export function describeFound({ flags, records, objects, obstacles }: Found): readonly string[] {
  const counts = `${records.length} charge records, ${flags.length} flags, ${objects.length} objects name the payer.`;
  return obstacles.length === 0 ? [counts] : [counts, 'Nothing is erased while this stands:', ...obstacles];
}

export function describeErased({ records, flags, objects, left }: Erased, placeholder: string): string {
  const done = `Erased: ${records} charge records, ${flags} flags and ${objects} objects. The placeholder is ${placeholder}.`;
  return left === 0 ? done : `${done} A refund began meanwhile in ${left}: run it again once that is over.`;
}
