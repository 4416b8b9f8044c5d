import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './paths.ts';

/** An emulator, and the key that requests to it are signed with. */
export interface EmulatorTarget {
  readonly endpoint: string;
  readonly key: string;
}

/** Clients for one target: an emulator by its endpoint, or AWS through the caller's credentials. */
export interface Aws {
  /** Absent on AWS itself. */
  readonly endpoint: string | undefined;
  readonly cloudFormation: CloudFormationClient;
  readonly kinesis: KinesisClient;
  readonly dynamo: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly secretsManager: SecretsManagerClient;
}

export function connect(target: EmulatorTarget | undefined): Aws {
  const endpoint = target?.endpoint;
  const settings = { ...(target !== undefined && settingsOf(target)), maxAttempts: 5 };
  const dynamo = new DynamoDBClient(settings);
  // The Kinesis client speaks HTTP/2 by itself, and the emulator now and then breaks such a session off (its error code 1).
  const http1 = endpoint === undefined ? {} : { requestHandler: dynamo.config.requestHandler };
  return {
    endpoint,
    cloudFormation: new CloudFormationClient(settings),
    kinesis: new KinesisClient({ ...settings, ...http1 }),
    dynamo,
    lambda: new LambdaClient(settings),
    // Emulators do not answer under bucket names as host names.
    s3: new S3Client({ ...settings, forcePathStyle: endpoint !== undefined }),
    sns: new SNSClient(settings),
    secretsManager: new SecretsManagerClient(settings),
    // Queue addresses of an emulator may carry another host name than the one it listens on.
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: endpoint === undefined }),
  };
}

/** Returns what a client of the SDK needs for an emulator. An access key id of 12 digits is the account there. */
export function settingsOf({ endpoint, key }: EmulatorTarget) {
  return { endpoint, region: LOCAL_REGION, credentials: { accessKeyId: LOCAL_ACCOUNT, secretAccessKey: key } };
}
