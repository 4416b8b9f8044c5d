import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { TABLES, type TableLayout, type TableName } from '../../adapters/dynamodb/table-layouts.ts';
import { grantedTo, nameOf } from './granted.ts';
import { idOf, type Resource, resourcesOf, synthesize } from './synthesized.ts';

const prod = synthesize('prod');
const local = synthesize('local');
const withoutSandbox = synthesize('prod', { gateway: 'stripe' });

const of = (type: string) =>
  resourcesOf(prod, type).map(([id, resource]) => ({ name: nameOf({ Ref: id }), ...resource }));
const hasKey = (value: unknown) => expect(value).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/Key/), 'Arn'] });

const KEPT = ['Table', 'Stream', 'Bucket', 'UserPool', 'Key', 'Secret', 'Queue'];
const keepsHistory = ({ Type }: Resource) =>
  KEPT.some((kind) => Type.endsWith(`::${kind}`) || Type.endsWith('GlobalTable'));

describe('what holds money’s history', () => {
  it('outlives the stack in prod, and not locally', () => {
    const policies = (template: typeof prod) =>
      new Set(
        Object.values(template.Resources)
          .filter(keepsHistory)
          .map((one) => one.DeletionPolicy),
      );
    expect(policies(prod)).toEqual(new Set(['Retain']));
    expect(policies(local)).toEqual(new Set(['Delete']));
  });
});

const CLOSED = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

describe('the bucket of the seals', () => {
  const properties = of('AWS::S3::Bucket').find(({ name }) => name === 'CasesSealBucket')?.Properties;

  it('locks what is written, for 485 days, and lets nobody make it public', () => {
    expect(properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 485 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: CLOSED,
    });
  });

  it('is under no key of ours: the proof outlives it', () => {
    const [rule] = z
      .object({ ServerSideEncryptionConfiguration: z.tuple([z.unknown()]) })
      .parse(properties?.BucketEncryption).ServerSideEncryptionConfiguration;
    expect(rule).toEqual({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } });
  });

  it('keeps nothing that is long past its lock', () => {
    expect(properties?.LifecycleConfiguration).toMatchObject({
      Rules: [{ ExpirationInDays: 515, NoncurrentVersionExpiration: { NoncurrentDays: 515 }, Status: 'Enabled' }],
    });
  });
});

/** What each table is called in the template. */
const TABLE_NAMES: { readonly [table in TableName]: string } = {
  windows: 'DetectionWindows',
  charges: 'DetectionCharges',
  reservations: 'RefundsReservations',
  cases: 'CasesTable',
  controls: 'RefundsControls',
  sandbox: 'RefundsSandbox',
  incidents: 'AlertsIncidents',
  jobs: 'JobsTable',
  quarantine: 'EventsQuarantineTable',
};

describe('the layout of tables', () => {
  const keys = z.array(z.object({ AttributeName: z.string() })).transform((all) => all.map((key) => key.AttributeName));
  const indexSchema = z.object({
    IndexName: z.string(),
    KeySchema: keys,
    Projection: z.object({ ProjectionType: z.string() }),
  });
  const tableSchema = z.object({
    KeySchema: keys,
    TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
    GlobalSecondaryIndexes: z.array(indexSchema).default([]),
  });
  const tables = of('AWS::DynamoDB::GlobalTable');

  it('names every table of the stack', () => {
    expect(tables.map(({ name }) => name).sort()).toEqual(Object.values(TABLE_NAMES).sort());
  });

  it.each(Object.entries(TABLE_NAMES))('is the one on which the stores of %s are tested', (layout, name) => {
    const declared: TableLayout = TABLES[layout as TableName];
    const table = tableSchema.parse(tables.find((one) => one.name === name)?.Properties);
    expect(table.KeySchema).toEqual([declared.partitionKey, declared.sortKey].filter((key) => key !== undefined));
    expect(table.TimeToLiveSpecification?.AttributeName).toBe(declared.ttl);
    const indexes = table.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => [
      IndexName,
      { keys: KeySchema, projection: Projection.ProjectionType },
    ]);
    const expected = Object.entries(declared.indexes).map(([index, { partitionKey, sortKey, projection }]) => [
      index,
      { keys: [partitionKey, sortKey], projection: projection === 'all' ? 'ALL' : 'KEYS_ONLY' },
    ]);
    expect(Object.fromEntries(indexes)).toEqual(Object.fromEntries(expected));
  });

  it('copies whole items into the index of a case’s own flags alone', () => {
    const whole = Object.entries(TABLES.cases.indexes).filter(([, { projection }]) => projection === 'all');
    expect(whole.map(([index]) => index)).toEqual(['byCase']);
  });
});

describe('encryption under keys of ours', () => {
  it('covers the stream', () => {
    for (const { Properties } of of('AWS::Kinesis::Stream')) {
      expect(Properties).toMatchObject({ StreamEncryption: { EncryptionType: 'KMS' }, RetentionPeriodHours: 168 });
      expect(Properties).toMatchObject({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    }
  });

  it.each(of('AWS::SQS::Queue'))('covers $name', ({ Properties }) => {
    hasKey(Properties.KmsMasterKeyId);
    expect(Properties.MessageRetentionPeriod).toBe(14 * 86_400);
  });

  it.each(of('AWS::SNS::Topic'))('covers $name', ({ Properties }) => hasKey(Properties.KmsMasterKeyId));
  it.each(of('AWS::SecretsManager::Secret'))('covers $name', ({ Properties }) => hasKey(Properties.KmsKeyId));

  const buckets = of('AWS::S3::Bucket');
  // The seals outlive our keys, and S3 delivers access logs under its own key alone.
  it.each(buckets.filter(({ name }) => name !== 'CasesSealBucket' && name !== 'AccessLogs'))(
    'covers $name, which nobody can make public',
    ({ name, Properties }) => {
      const key = name === 'EventsDeadLetterBucket' ? 'EventsRawKey' : 'Key';
      const [rule] = z
        .object({
          ServerSideEncryptionConfiguration: z.tuple([z.object({ ServerSideEncryptionByDefault: z.unknown() })]),
        })
        .parse(Properties.BucketEncryption).ServerSideEncryptionConfiguration;
      const { KMSMasterKeyID } = z.object({ KMSMasterKeyID: z.unknown() }).parse(rule.ServerSideEncryptionByDefault);
      expect(nameOf(KMSMasterKeyID)).toBe(key);
      expect(Properties.PublicAccessBlockConfiguration).toEqual(CLOSED);
      if (name !== 'JobsExports') expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    },
  );

  it('forgets exports after days, all of them: none has another version', () => {
    const exports = of('AWS::S3::Bucket').find(({ name }) => name === 'JobsExports')?.Properties;
    const rule = { Status: 'Enabled', ExpirationInDays: 3, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } };
    expect(exports?.LifecycleConfiguration).toEqual({ Rules: [rule] });
    expect(exports).not.toHaveProperty('VersioningConfiguration');
  });

  it.each(of('AWS::KMS::Key').filter(({ Properties }) => Properties.KeyUsage === undefined))(
    'rotates $name',
    ({ Properties }) => expect(Properties.EnableKeyRotation).toBe(true),
  );

  it('makes the MACs of approvals under a key of their own, which KMS cannot rotate and nothing can read', () => {
    const others = of('AWS::KMS::Key').filter(({ Properties }) => Properties.KeyUsage !== undefined);
    expect(others.map(({ name, Properties }) => [name, Properties.KeySpec, Properties.KeyUsage])).toEqual([
      ['RefundsApprovalKey', 'HMAC_256', 'GENERATE_VERIFY_MAC'],
    ]);
  });

  it('makes the fingerprint key where nobody sees it', () => {
    const secret = of('AWS::SecretsManager::Secret').find(({ name }) => name === 'FingerprintSecret');
    expect(secret?.Properties.GenerateSecretString).toEqual({
      SecretStringTemplate: '{"version":"1"}',
      GenerateStringKey: 'key',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });
});

describe('roles', () => {
  /** AWS knows no resource for these. */
  const UNSCOPED =
    /^(xray:|logs:(Create|Get|Update|Delete)LogDelivery|logs:ListLogDeliveries|logs:(Put|Describe)(Resource|LogGroup))/;
  const roles = of('AWS::IAM::Role');

  it.each(roles)('$name may do nothing with everything', ({ name }) => {
    const id = idOf(prod, 'AWS::IAM::Role', name);
    const granted = [...grantedTo(prod, id)];
    expect(granted).not.toEqual([]);
    expect(granted.filter((one) => one.endsWith(' *') && !UNSCOPED.test(one))).toEqual([]);
    expect(granted.filter((one) => one.split(' ')[0]?.includes('*'))).toEqual([]);
  });

  it.each(roles)('$name has no policy that others maintain', ({ Properties }) => {
    expect(Properties.ManagedPolicyArns).toBeUndefined();
  });
});

describe('the stack as a whole', () => {
  const OUTPUTS = [
    'AlertFunctionName',
    'AlertsTopicArn',
    'ApiUrl',
    'ApproveFunctionName',
    'CasesTableName',
    'ChargesTableName',
    'ConfigurationHash',
    'ControlsTableName',
    'DeadLetterBucketName',
    'DispatchFunctionName',
    'EdgeSecretArn',
    'EventsStreamName',
    'ExportFunctionName',
    'FingerprintSecretArn',
    'IncidentsTableName',
    'PayerLinkSecretArn',
    'QuarantineBucketName',
    'QuarantineQueueUrl',
    'QuarantineTableName',
    'RefundStateMachineArn',
    'ReservationsTableName',
    'SealBucketName',
    'SigningSecretArn',
    'SweepFunctionName',
    'UserPoolClientId',
    'UserPoolId',
    'WindowsTableName',
  ];

  it('says what it made', () => {
    expect(Object.keys(prod.Outputs).sort()).toEqual([...OUTPUTS, 'SandboxTableName'].sort());
  });

  it('has no sandbox where no source is served by it', () => {
    expect(Object.keys(withoutSandbox.Outputs).sort()).toEqual(OUTPUTS);
    const id = idOf(withoutSandbox, 'AWS::Lambda::Function', 'RefundsReverse');
    expect(withoutSandbox.Resources[id]?.Properties.Environment).toMatchObject({
      Variables: { SANDBOX_TABLE: 'none' },
    });
  });

  it('needs no custom resource', () => {
    expect(Object.values(prod.Resources).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
    expect(resourcesOf(prod, 'AWS::CloudFormation::CustomResource')).toEqual([]);
  });

  it('lets alarms reach those who run it', () => {
    const policies = of('AWS::SNS::TopicPolicy').map(({ Properties }) => Properties.PolicyDocument);
    const mayPublish = { Action: 'sns:Publish', Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } };
    const statements = policies.flatMap((one) => z.object({ Statement: z.array(z.unknown()) }).parse(one).Statement);
    expect(statements).toContainEqual(expect.objectContaining(mayPublish));
  });

  it('wakes somebody with every alarm', () => {
    const alarms = of('AWS::CloudWatch::Alarm');
    expect(alarms).not.toEqual([]);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^MonitoringOperators/) }]);
    }
  });
});
