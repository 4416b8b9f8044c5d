import { describe, expect, it } from 'vitest';
import { OWN_RULES } from './own-pack.ts';
import { everyTemplate, type Resource, type SynthesizedTemplate } from './synthesized.ts';

/** What stays, and why. */
const ACKNOWLEDGED: readonly { readonly rule: string; readonly on: RegExp; readonly reason: string }[] = [
  {
    rule: 'function-has-log-group',
    on: /^CustomS3AutoDeleteObjects/,
    reason:
      'The CDK’s own function writes a few lines when the bucket of built files is deleted. It takes no log group.',
  },
];

describe.each(everyTemplate())('the own pack on $name', ({ template, keepsHistory }) => {
  it.each(OWN_RULES)('finds nothing by $id', ({ id, find }) => {
    const acknowledged = ACKNOWLEDGED.filter(({ rule }) => rule === id);
    const found = find(template, { keepsHistory });
    expect(found.filter((one) => !acknowledged.some(({ on }) => on.test(one)))).toEqual([]);
  });
});

it('still finds what each acknowledgement names', () => {
  for (const { rule, on } of ACKNOWLEDGED) {
    const find = OWN_RULES.find(({ id }) => id === rule)?.find;
    const found = everyTemplate().flatMap(({ template, keepsHistory }) => find?.(template, { keepsHistory }) ?? []);
    expect(found.some((one) => on.test(one))).toBe(true);
  }
});

type Properties = Resource['Properties'];
const KEY = { 'Fn::GetAtt': ['Key', 'Arn'] };
const REPLICA = {
  Region: 'us-east-1',
  DeletionProtectionEnabled: true,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  SSESpecification: { KMSMasterKeyId: KEY },
};
const SSE = { SSEEnabled: true, SSEType: 'KMS' };
const TABLE: Properties = { Replicas: [REPLICA], SSESpecification: SSE };
const CLIENT: Properties = { AllowedOAuthFlowsUserPoolClient: false, SupportedIdentityProviders: ['COGNITO'] };
const STATEMENT = { Effect: 'Allow', Action: ['sns:Publish'], Principal: { Service: 'events.amazonaws.com' } };
const RULE = { Status: 'Enabled', NoncurrentVersionExpiration: {}, AbortIncompleteMultipartUpload: {} };
const bucket = (rule: object): Properties => ({
  VersioningConfiguration: { Status: 'Enabled' },
  LifecycleConfiguration: { Rules: [rule] },
});
const policy = (one: object): Properties => ({ a: [{ PolicyDocument: { Statement: [one] } }] });
const table = (replica: object): Properties => ({ ...TABLE, Replicas: [{ ...REPLICA, ...replica }] });

/** One resource that breaks the rule, and one that comes close and does not. */
const EXAMPLES: readonly {
  readonly rule: string;
  readonly type: string;
  readonly broken: Properties;
  readonly whole?: Properties;
}[] = [
  {
    rule: 'table-in-one-region',
    type: 'DynamoDB::GlobalTable',
    broken: { ...TABLE, Replicas: [REPLICA, { ...REPLICA, Region: 'eu-west-1' }] },
    whole: TABLE,
  },
  { rule: 'table-under-own-key', type: 'DynamoDB::GlobalTable', broken: table({ SSESpecification: {} }), whole: TABLE },
  {
    rule: 'table-under-own-key',
    type: 'DynamoDB::GlobalTable',
    broken: { ...TABLE, SSESpecification: { ...SSE, SSEType: 'AES' } },
  },
  {
    rule: 'table-restorable',
    type: 'DynamoDB::GlobalTable',
    broken: table({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } }),
    whole: TABLE,
  },
  {
    rule: 'table-protected',
    type: 'DynamoDB::GlobalTable',
    broken: table({ DeletionProtectionEnabled: false }),
    whole: TABLE,
  },
  { rule: 'table-global', type: 'DynamoDB::Table', broken: {} },
  {
    rule: 'client-without-oauth',
    type: 'Cognito::UserPoolClient',
    broken: { ...CLIENT, AllowedOAuthFlows: ['implicit'] },
    whole: CLIENT,
  },
  {
    rule: 'client-without-oauth',
    type: 'Cognito::UserPoolClient',
    broken: { ...CLIENT, AllowedOAuthFlowsUserPoolClient: true },
  },
  {
    rule: 'client-without-oauth',
    type: 'Cognito::UserPoolClient',
    broken: { ...CLIENT, SupportedIdentityProviders: ['Google'] },
  },
  { rule: 'pool-without-federation', type: 'Cognito::UserPoolDomain', broken: {} },
  { rule: 'pool-without-federation', type: 'Cognito::UserPoolIdentityProvider', broken: {} },
  {
    rule: 'service-for-one-source',
    type: 'SNS::TopicPolicy',
    broken: policy({ ...STATEMENT, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    whole: policy({ ...STATEMENT, Condition: { StringEquals: { 'AWS:SourceAccount': '1' } } }),
  },
  {
    rule: 'service-for-one-source',
    type: 'SNS::TopicPolicy',
    broken: policy(STATEMENT),
    whole: policy({ ...STATEMENT, Effect: 'Deny' }),
  },
  { rule: 'permission-for-one-source', type: 'Lambda::Permission', broken: {}, whole: { SourceArn: { Ref: 'Rule' } } },
  { rule: 'bucket-by-tls', type: 'S3::Bucket', broken: {} },
  { rule: 'topic-by-tls', type: 'SNS::Topic', broken: {} },
  { rule: 'queue-by-tls', type: 'SQS::Queue', broken: {} },
  {
    rule: 'bucket-old-versions-end',
    type: 'S3::Bucket',
    broken: bucket({ Status: 'Enabled', ExpirationInDays: 3 }),
    whole: bucket(RULE),
  },
  { rule: 'bucket-old-versions-end', type: 'S3::Bucket', broken: bucket({ ...RULE, Prefix: 'a/' }) },
  { rule: 'bucket-uploads-end', type: 'S3::Bucket', broken: {}, whole: bucket(RULE) },
  { rule: 'bucket-uploads-end', type: 'S3::Bucket', broken: bucket({ ...RULE, Prefix: 'a/' }) },
  { rule: 'log-group-ends', type: 'Logs::LogGroup', broken: {}, whole: { RetentionInDays: 365 } },
  {
    rule: 'function-has-log-group',
    type: 'Lambda::Function',
    broken: { LoggingConfig: { LogGroup: { Ref: 'Elsewhere' } } },
  },
];

function templateWith(type: string, Properties: Properties): SynthesizedTemplate {
  const One = { Type: `AWS::${type}`, Properties, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
  return { Resources: { One }, Outputs: {} };
}

describe('the rules of the own pack', () => {
  it.each(EXAMPLES)('$rule finds a $type that breaks it, and no other', ({ rule, type, broken, whole }) => {
    const find = OWN_RULES.find(({ id }) => id === rule)?.find;
    expect(find?.(templateWith(type, broken), { keepsHistory: true })).toEqual(['One']);
    if (whole !== undefined) expect(find?.(templateWith(type, whole), { keepsHistory: true })).toEqual([]);
  });

  it('each have an example', () => {
    expect([...new Set(EXAMPLES.map(({ rule }) => rule))].sort()).toEqual(OWN_RULES.map(({ id }) => id).sort());
  });

  it('find a table that goes with its stack where history is kept, and only there', () => {
    const find = OWN_RULES.find(({ id }) => id === 'table-protected')?.find;
    const One = { Type: 'AWS::DynamoDB::GlobalTable', Properties: TABLE, DeletionPolicy: 'Delete' };
    expect(find?.({ Resources: { One }, Outputs: {} }, { keepsHistory: true })).toEqual(['One']);
    expect(find?.({ Resources: { One }, Outputs: {} }, { keepsHistory: false })).toEqual([]);
  });
});
