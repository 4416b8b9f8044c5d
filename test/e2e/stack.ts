import { DescribeStackResourcesCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { type Aws, connect, type EmulatorTarget, settingsOf } from '../../cli/aws.ts';
import { LOCAL_STAGE, stackName } from '../../cli/paths.ts';
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
export interface Stack extends EmulatorTarget {
  readonly aws: Aws;
  readonly s3: S3Client;
  readonly stepFunctions: SFNClient;
  readonly outputs: z.infer<typeof outputsSchema>;
  /** Signs for the sources of the stories. */
  readonly signerOf: SignerOf;
  /** The physical name of the resource whose logical id begins so. */
  resource(type: string, prefix: string): string;
  /** The physical names of all resources of a type. */
  resources(type: string): readonly string[];
  end(): Promise<void>;
}

const ANY_FREE_PORT = 0;

/**
 * Brings up an emulator of our own on a free port, or takes the one that AWS_ENDPOINT_URL names, and deploys the app to
 * it. Whatever becomes of this process, the guard ends what was started.
 */
export async function startStack(): Promise<Stack> {
  const emulator = await startEmulator(ANY_FREE_PORT, () => {});
  try {
    await bootstrap(emulator, () => {});
    await deploy(emulator, configurationOfStories(), () => {});
    return { ...(await describe(emulator)), end: endAllGuarded };
  } catch (error) {
    await endAllGuarded();
    throw error;
  }
}

/** Finds the deployment on an emulator that another program has started and will end. */
export async function attachToStack(emulator: EmulatorTarget): Promise<Stack> {
  return { ...(await describe(emulator)), end: async () => {} };
}

async function describe({ endpoint, key }: EmulatorTarget): Promise<Omit<Stack, 'end'>> {
  const aws = connect({ endpoint, key });
  const StackName = stackName(LOCAL_STAGE);
  const { Stacks } = await aws.cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  const { StackResources = [] } = await aws.cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
  const parsed = outputsSchema.parse(Object.fromEntries(outputs.map((o) => [o.OutputKey, o.OutputValue])));
  return {
    endpoint,
    key,
    aws,
    signerOf: await localSigner({ aws, outputs: parsed }, configurationOfStories().configuration),
    s3: aws.s3,
    stepFunctions: new SFNClient(settingsOf({ endpoint, key })),
    outputs: parsed,
    resources: (type) =>
      StackResources.flatMap((each) => (each.ResourceType === type ? (each.PhysicalResourceId ?? []) : [])),
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
