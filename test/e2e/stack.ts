import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DescribeStackResourcesCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { type Aws, connect } from '../../cli/aws.ts';
import { LOCAL_REGION, LOCAL_STAGE, RUNNING_FILE, stackName } from '../../cli/paths.ts';
import { endAllGuarded } from '../../cli/process/guarded-process.ts';
import type { SignerOf } from '../../core/events/sign-event.ts';
import { bootstrap, deploy } from '../../local/deploy.ts';
import { startEmulator } from '../../local/emulator.ts';
import { localSigner } from '../../local/local-signing.ts';
import { configurationOfStories } from './own-processors.ts';

const name = z.string().min(1);
const outputsSchema = z.object({
  EventsStreamName: name,
  ChargesTableName: name,
  CasesTableName: name,
  IncidentsTableName: name,
  PayerLinkSecretArn: name,
  SigningSecretArn: name,
  QuarantineTableName: name,
  QuarantineBucketName: name,
  QuarantineQueueUrl: name,
  DeadLetterBucketName: name,
  AlertsTopicArn: name,
  ApiUrl: name,
  UserPoolId: name,
  UserPoolClientId: name,
  RefundStateMachineArn: name,
  SealBucketName: name,
  SandboxTableName: name,
});

/** The product as it is deployed: what a user of the account can reach, and nothing else. */
export interface Stack {
  readonly endpoint: string;
  readonly aws: Aws;
  readonly s3: S3Client;
  readonly stepFunctions: SFNClient;
  readonly outputs: z.infer<typeof outputsSchema>;
  /** Signs for the sources of the stories. */
  readonly signerOf: SignerOf;
  /** The physical name of the resource whose logical id begins so. */
  resource(type: string, prefix: string): string;
  end(): Promise<void>;
}

const ANY_FREE_PORT = 0;

/**
 * Brings up an emulator of our own on a free port, or takes the one that AWS_ENDPOINT_URL names, and deploys the app to
 * it. Whatever becomes of this process, the guard ends what was started.
 */
export async function startStack(): Promise<Stack> {
  const mark = keepRunningMark();
  const emulator = await startEmulator(ANY_FREE_PORT, () => {});
  mark.restore();
  try {
    await bootstrap(emulator, () => {});
    await deploy(emulator, configurationOfStories(), () => {});
    return { ...(await describe(emulator.endpoint)), end: endAllGuarded };
  } catch (error) {
    await endAllGuarded();
    throw error;
  }
}

/** Finds the deployment on an emulator that another program has started and will end. */
export async function attachToStack(endpoint: string): Promise<Stack> {
  return { ...(await describe(endpoint)), end: async () => {} };
}

async function describe(endpoint: string): Promise<Omit<Stack, 'end'>> {
  const aws = connect(endpoint);
  const target = { endpoint, region: LOCAL_REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const StackName = stackName(LOCAL_STAGE);
  const { Stacks } = await aws.cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  const { StackResources = [] } = await aws.cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
  const parsed = outputsSchema.parse(Object.fromEntries(outputs.map((o) => [o.OutputKey, o.OutputValue])));
  return {
    endpoint,
    aws,
    signerOf: await localSigner({ aws, outputs: parsed }, configurationOfStories().configuration),
    s3: new S3Client({ ...target, forcePathStyle: true }),
    stepFunctions: new SFNClient(target),
    outputs: parsed,
    resource: (type, prefix) => {
      const found = StackResources.filter(
        ({ ResourceType, LogicalResourceId }) => ResourceType === type && LogicalResourceId?.startsWith(prefix),
      );
      const id = found[0]?.PhysicalResourceId;
      if (found.length !== 1 || id === undefined) throw new Error(`${found.length} of ${type} begin with ${prefix}`);
      return id;
    },
  };
}

/** The mark tells the CLI where the developer's own run is up: tests must neither take it away nor set one. */
function keepRunningMark(): { restore(): void } {
  const before = existsSync(RUNNING_FILE) ? readFileSync(RUNNING_FILE, 'utf8') : undefined;
  return {
    restore: () => {
      if (before === undefined) rmSync(RUNNING_FILE, { force: true });
      else writeFileSync(RUNNING_FILE, before);
    },
  };
}
