import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { UserError } from '../core/user-error.ts';
import { type Aws, connect } from './aws.ts';
import { LOCAL_STAGE, stackName } from './paths.ts';
import { reasonOf } from './reasons.ts';
import { findRunning } from './running.ts';

const name = z.string().min(1);
const outputsSchema = z.object({
  EventsStreamName: name,
  ChargesTableName: name,
  CasesTableName: name,
  ControlsTableName: name,
  ReservationsTableName: name,
  IncidentsTableName: name,
  QuarantineTableName: name,
  QuarantineBucketName: name,
  DeadLetterBucketName: name,
  SealBucketName: name,
  AlertsTopicArn: name,
  SweepFunctionName: name,
  DispatchFunctionName: name,
  AlertFunctionName: name,
  ExportFunctionName: name,
  ApproveFunctionName: name,
  ApiUrl: name,
  PayerLinkSecretArn: name,
  /** Only where CloudFront stands before the API. */
  EdgeSecretArn: name.optional(),
  FingerprintSecretArn: name,
  SigningSecretArn: name,
  UserPoolId: name,
  UserPoolClientId: name,
  ConfigurationHash: name,
  /** The windows of version 1; only where stages keep their history. */
  WindowsTableName: name.optional(),
  /** Only where the sandbox processor is deployed. */
  SandboxTableName: name.optional(),
});

export type StackOutputs = z.infer<typeof outputsSchema>;

export interface Deployment {
  readonly aws: Aws;
  readonly outputs: StackOutputs;
}

/** Finds what is deployed for a stage: locally at the emulator that runs, otherwise on AWS. */
export async function findDeployment(stage: string): Promise<Deployment> {
  if (stage !== LOCAL_STAGE) {
    const aws = connect(undefined);
    return { aws, outputs: await readOutputs(aws, stage) };
  }
  const running = findRunning();
  if (running === undefined) {
    throw new UserError('No local Onecharge is up; start one with `npm start`, or name a deployed one with --stage');
  }
  const aws = connect(running);
  return { aws, outputs: await readOutputs(aws, stage) };
}

export function readOutputs(aws: Aws, stage: string): Promise<StackOutputs> {
  return outputsOf(aws, stackName(stage), outputsSchema);
}

/** Where users and payers reach the API: below the console's address, or at its own where nothing stands before it. */
export async function readApiAddress({ aws, outputs }: Deployment, stage: string): Promise<string> {
  if (outputs.EdgeSecretArn === undefined) return outputs.ApiUrl.replace(/\/$/, '');
  const { ConsoleUrl } = await outputsOf(aws, `${stackName(stage)}-console`, z.object({ ConsoleUrl: name }));
  return `${ConsoleUrl}/api`;
}

async function outputsOf<Outputs>(
  { cloudFormation }: Aws,
  StackName: string,
  schema: z.ZodType<Outputs>,
): Promise<Outputs> {
  let described: readonly { readonly OutputKey?: string | undefined; readonly OutputValue?: string | undefined }[];
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    described = Stacks?.[0]?.Outputs ?? [];
  } catch (error) {
    const reason = reasonOf(error);
    throw reason === undefined ? error : new UserError(`The stack ${StackName} cannot be read. ${reason}`);
  }
  const parsed = schema.safeParse(Object.fromEntries(described.map((o) => [o.OutputKey, o.OutputValue])));
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new UserError(`The stack ${StackName} lacks the outputs ${missing}; deploy the current version of it`);
}
