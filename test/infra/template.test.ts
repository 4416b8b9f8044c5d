import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { TABLES, type TableLayout, type TableName } from '../../adapters/dynamodb/table-layouts.ts';
import { LEASE_MS } from '../../core/jobs/job.ts';
import { SLICE_MS } from '../../core/jobs/run-job.ts';
import { SWEEP_INTERVAL_MS } from '../../core/refunds/freeze.ts';
import { ALERT_ENVIRONMENT, DIGEST_ENVIRONMENT } from '../../functions/alerts/environment.ts';
import { API_ENVIRONMENT } from '../../functions/api/environment.ts';
import { ROUTES } from '../../functions/api/operations.ts';
import { SEAL_ENVIRONMENT } from '../../functions/cases/environment.ts';
import { DETECT_ENVIRONMENT } from '../../functions/detection/environment.ts';
import { RUN_ENVIRONMENT } from '../../functions/jobs/environment.ts';
import { DISPATCH_ENVIRONMENT, SWEEP_ENVIRONMENT, TASK_ENVIRONMENT } from '../../functions/refunds/environment.ts';
import { handlerEntries } from './bundles.ts';
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

  const replica = z.object({
    SSESpecification: z.object({ KMSMasterKeyId: z.unknown() }),
    PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
    DeletionProtectionEnabled: z.boolean(),
  });
  const table = z.object({ BillingMode: z.string(), Replicas: z.tuple([replica]) });

  it.each(of('AWS::DynamoDB::GlobalTable'))('$name is under our key, restorable and protected', ({ Properties }) => {
    const { BillingMode, Replicas } = table.parse(Properties);
    hasKey(Replicas[0].SSESpecification.KMSMasterKeyId);
    expect(BillingMode).toBe('PAY_PER_REQUEST');
    expect(Replicas[0].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
    expect(Replicas[0].DeletionProtectionEnabled).toBe(true);
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
  it.each(buckets.filter(({ name }) => name !== 'CasesSealBucket'))(
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

  it.each(of('AWS::KMS::Key'))('rotates $name', ({ Properties }) => expect(Properties.EnableKeyRotation).toBe(true));

  it('makes the fingerprint key where nobody sees it', () => {
    const [secret] = of('AWS::SecretsManager::Secret');
    expect(secret?.Properties.GenerateSecretString).toEqual({
      SecretStringTemplate: '{"version":"1"}',
      GenerateStringKey: 'key',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });
});

/** Seconds of those that may take long: a walk over all cases, and starts at a pace. */
const SLOW: ReadonlyMap<string, number> = new Map([
  ['CasesSeal', 900],
  ['RefundsSweep', 240],
]);

describe('functions', () => {
  const functions = of('AWS::Lambda::Function');
  const environment = z.object({ Variables: z.record(z.string(), z.unknown()) });

  it('there is one for each handler, and no other', () => {
    const names = handlerEntries().map((entry) => entry.replace('functions/', '').replace('.lambda.ts', ''));
    const asPaths = functions.map(({ name }) => name.replace(/(?<!^)([A-Z])/, '/$1').toLowerCase());
    expect(asPaths.sort()).toEqual([...names].sort());
  });

  it.each(functions)('$name runs on the runtime that is tested, traced, within a bound', ({ name, Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
    expect(Properties.Timeout).toBeLessThanOrEqual(SLOW.get(name) ?? 120);
    expect(Properties.LoggingConfig).toMatchObject({ LogGroup: { Ref: expect.stringMatching(/Logs/) } });
  });

  it.each([
    ['DetectionDetect', DETECT_ENVIRONMENT],
    ['RefundsDispatch', DISPATCH_ENVIRONMENT],
    ['RefundsSweep', SWEEP_ENVIRONMENT],
    ['CasesSeal', SEAL_ENVIRONMENT],
    ['AlertsAlert', ALERT_ENVIRONMENT],
    ['AlertsDigest', DIGEST_ENVIRONMENT],
    ['ApiAnswer', API_ENVIRONMENT],
    ['JobsRun', RUN_ENVIRONMENT],
    ['RefundsAssess', TASK_ENVIRONMENT.assess],
    ['RefundsHold', TASK_ENVIRONMENT.hold],
    ['RefundsClaim', TASK_ENVIRONMENT.claim],
    ['RefundsReverse', TASK_ENVIRONMENT.reverse],
    ['RefundsRecord', TASK_ENVIRONMENT.record],
  ] as const)('%s gets the variables that its handler reads', (name, variables) => {
    const properties = functions.find((one) => one.name === name)?.Properties;
    const { Variables } = environment.parse(properties?.Environment);
    const common = ['NODE_OPTIONS', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'];
    expect(Object.keys(Variables).sort()).toEqual([...variables, ...common].sort());
  });

  it.each(of('AWS::Logs::LogGroup'))('$name forgets after a year', ({ Properties }) => {
    expect(Properties.RetentionInDays).toBe(365);
  });
});

describe('stream mappings lose nothing', () => {
  const mappings = of('AWS::Lambda::EventSourceMapping');

  it('there are four', () => {
    expect(mappings.map(({ name }) => name).sort()).toEqual(
      ['AlertsAlertStream', 'RefundsDispatchStream', 'DetectionDetectStream', 'JobsRunStream'].sort(),
    );
  });

  it.each(mappings)('$name reports, splits, bounds and puts aside', ({ Properties }) => {
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 60,
    });
    const { OnFailure } = z
      .object({ OnFailure: z.object({ Destination: z.unknown() }) })
      .parse(Properties.DestinationConfig);
    expect(nameOf(OnFailure.Destination)).toBe('EventsDeadLetterBucket');
  });

  it('gives up on a record before its stream forgets it', () => {
    const ages = new Map(mappings.map(({ name, Properties }) => [name, Number(Properties.MaximumRecordAgeInSeconds)]));
    expect(ages.get('DetectionDetectStream')).toBeLessThan(168 * 3_600);
    expect(ages.get('RefundsDispatchStream')).toBeLessThan(24 * 3_600);
    expect(ages.get('AlertsAlertStream')).toBeLessThan(24 * 3_600);
    expect(ages.get('JobsRunStream')).toBeLessThan(24 * 3_600);
  });

  it.each([
    [
      'RefundsDispatchStream',
      [{ kind: { S: ['flag'] }, status: { S: ['open', 'approved', 'expired', 'kept', 'dismissed'] } }],
    ],
    [
      'AlertsAlertStream',
      [
        { kind: { S: ['case'] } },
        {
          kind: { S: ['flag'] },
          status: {
            S: ['held', 'approved', 'expired', 'kept', 'dismissed', 'failed', 'refunded', 'refunded-in-error'],
          },
        },
        {
          kind: { S: ['flag'] },
          status: { S: ['open'] },
          body: { M: { attempt: { N: [{ 'anything-but': ['0'] }] } } },
        },
        { kind: { S: ['flag'] }, body: { M: { contested: { BOOL: [true] } } } },
        { kind: { S: ['flag'] }, body: { M: { unanswered: { BOOL: [true] } } } },
      ],
    ],
    ['JobsRunStream', [{ status: { S: ['queued'] } }]],
  ])('%s hears only what concerns it', (name, images) => {
    const criteria = mappings.find((one) => one.name === name)?.Properties.FilterCriteria;
    const { Filters } = z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).parse(criteria);
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual(
      images.map((NewImage) => ({ eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage } })),
    );
  });

  it('a job’s lease is longer than its runner lives, and is waited for', () => {
    const run = of('AWS::Lambda::Function').find(({ name }) => name === 'JobsRun');
    expect(Number(run?.Properties.Timeout) * 1_000).toBeLessThan(LEASE_MS);
    expect(SLICE_MS).toBeLessThanOrEqual((Number(run?.Properties.Timeout) * 1_000) / 2);
  });

  it('runs the sweep as often as a thaw promises', () => {
    const rule = of('AWS::Events::Rule').find(({ name }) => name === 'RefundsSweepSchedule');
    expect(rule?.Properties.ScheduleExpression).toBe(`rate(${SWEEP_INTERVAL_MS / 60_000} minutes)`);
  });

  it('lets no more than some run who start refunds, however many shards the stream has', () => {
    const reserved = of('AWS::Lambda::Function')
      .filter(({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined)
      .map(({ name, Properties }) => [name, Properties.ReservedConcurrentExecutions]);
    expect(reserved).toEqual([['RefundsDispatch', 5]]);
  });

  it('sends what nobody takes from the quarantine queue to another', () => {
    const queue = of('AWS::SQS::Queue').find(({ name }) => name === 'EventsQuarantineQueue');
    expect(queue?.Properties.RedrivePolicy).toMatchObject({ maxReceiveCount: 5 });
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

describe('the API', () => {
  const routes = new Map(
    of('AWS::ApiGatewayV2::Route').map(({ Properties }) => [Properties.RouteKey, Properties.AuthorizationType]),
  );

  it('has a route for each operation, and one that answers for what is none', () => {
    const wanted = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`);
    expect([...routes.keys()].sort()).toEqual(['$default', ...wanted].sort());
  });

  it('is behind the people’s tokens, save for what is public', () => {
    const open = [...routes].filter(([, authorization]) => authorization !== 'JWT').map(([key]) => key);
    const isPublic = ({ role }: { readonly role: string }) => role === 'public';
    const wanted = Object.values(ROUTES).filter(isPublic);
    expect(open).toEqual(wanted.map(({ method, path }) => `${method} ${path}`));
  });

  it('is throttled and logged', () => {
    const [stage] = of('AWS::ApiGatewayV2::Stage');
    expect(stage?.Properties).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: { DestinationArn: expect.anything() },
    });
  });

  it('knows viewers, approvers and admins, and lets nobody sign up', () => {
    const groups = of('AWS::Cognito::UserPoolGroup').map(({ Properties }) => Properties.GroupName);
    expect(groups.sort()).toEqual(['admin', 'approver', 'viewer']);
    const [pool] = of('AWS::Cognito::UserPool');
    expect(pool?.Properties.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: true });
  });
});

describe('the stack as a whole', () => {
  const OUTPUTS = [
    'AlertsTopicArn',
    'ApiUrl',
    'CasesTableName',
    'ControlsTableName',
    'DeadLetterBucketName',
    'EventsStreamName',
    'FingerprintSecretArn',
    'IncidentsTableName',
    'PayerLinkSecretArn',
    'QuarantineBucketName',
    'QuarantineQueueUrl',
    'QuarantineTableName',
    'RefundStateMachineArn',
    'SealBucketName',
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
