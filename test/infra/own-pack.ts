import * as z from 'zod';
import { type Resource, resourcesOf, type SynthesizedTemplate } from './synthesized.ts';

/** What the four packs of cdk-nag do not ask: they do not know global tables, and read no condition of a service. */
export interface OwnRule {
  readonly id: string;
  /** Ids of the resources that break the rule. */
  readonly find: (template: SynthesizedTemplate, stage: { readonly keepsHistory: boolean }) => readonly string[];
}

const list = z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat());
const statement = z.object({
  Effect: z.string(),
  Action: list,
  Principal: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
type Statement = z.infer<typeof statement>;
const SOURCE = ['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid'];

/** Every policy's statements, wherever in the resource the policy is. */
function statementsOf(value: unknown): readonly Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value && Array.isArray(value.Statement)) return value.Statement.map((one) => statement.parse(one));
  return Object.values(value).flatMap(statementsOf);
}

function allowsAnyService({ Effect, Action, Principal, Condition }: Statement): boolean {
  if (Effect !== 'Allow' || typeof Principal !== 'object' || Principal.Service === undefined) return false;
  // A function's role is passed by an identity of this account, for a function of this account: there is no deputy.
  if (Principal.Service === 'lambda.amazonaws.com' && Action.includes('sts:AssumeRole')) return false;
  const names = Object.values(Condition).flatMap((test) => Object.keys(test).map((name) => name.toLowerCase()));
  return !names.some((name) => SOURCE.includes(name));
}

function deniesPlainHttp({ Effect, Principal, Condition }: Statement): boolean {
  const isForAll = z.union([z.literal('*'), z.object({ AWS: z.literal('*') })]).safeParse(Principal).success;
  return Effect === 'Deny' && isForAll && Condition.Bool?.['aws:SecureTransport'] === 'false';
}

/** Resources of a type that no policy of the other type denies without TLS. */
function withoutTls(type: string, [policyType, field]: readonly [string, string]): OwnRule['find'] {
  return (template) => {
    const policies = resourcesOf(template, policyType).filter(([, { Properties }]) =>
      statementsOf(Properties).some(deniesPlainHttp),
    );
    const text = JSON.stringify(policies.map(([, { Properties }]) => Properties[field]));
    return resourcesOf(template, type).flatMap(([id]) => (text.includes(`"Ref":"${id}"`) ? [] : [id]));
  };
}

/** Resources of a type that do not have this shape. */
function shaped(type: string, shape: z.ZodType): OwnRule['find'] {
  return (template) =>
    resourcesOf(template, type).flatMap(([id, resource]) => (shape.safeParse(resource).success ? [] : [id]));
}

function table(replica: z.ZodType, more: z.ZodRawShape = {}): OwnRule['find'] {
  return shaped(
    'AWS::DynamoDB::GlobalTable',
    z.object({ Properties: z.object({ ...more, Replicas: z.tuple([replica]) }) }),
  );
}

const ARN = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const KEPT_RESOURCE = {
  DeletionPolicy: z.literal('Retain'),
  UpdateReplacePolicy: z.literal('Retain'),
};

const bucketRule = z.object({
  Status: z.literal('Enabled'),
  Prefix: z.string().optional(),
  ExpirationInDays: z.number().optional(),
  NoncurrentVersionExpiration: z.unknown().optional(),
  AbortIncompleteMultipartUpload: z.unknown().optional(),
});
const bucket = z.object({
  VersioningConfiguration: z.object({ Status: z.string() }).optional(),
  LifecycleConfiguration: z.object({ Rules: z.array(bucketRule) }).default({ Rules: [] }),
});

/** Buckets of which no rule for every object does what is asked. */
function withoutLifecycle(asked: (rule: z.infer<typeof bucketRule>, isVersioned: boolean) => boolean) {
  return (template: SynthesizedTemplate) =>
    resourcesOf(template, 'AWS::S3::Bucket').flatMap(([id, { Properties }]) => {
      const { VersioningConfiguration, LifecycleConfiguration } = bucket.parse(Properties);
      const isVersioned = VersioningConfiguration !== undefined;
      const rules = LifecycleConfiguration.Rules.filter(({ Prefix }) => Prefix === undefined);
      return rules.some((rule) => asked(rule, isVersioned)) ? [] : [id];
    });
}

const client = z.object({
  Properties: z.object({
    AllowedOAuthFlowsUserPoolClient: z.literal(false),
    AllowedOAuthFlows: z.undefined().optional(),
    SupportedIdentityProviders: z.tuple([z.literal('COGNITO')]),
  }),
});
/** A hosted page, or an identity that another system names. */
const FEDERATION = ['AWS::Cognito::UserPoolDomain', 'AWS::Cognito::UserPoolIdentityProvider'];

const logs = z.object({ Properties: z.object({ RetentionInDays: z.number() }) });

/** A function without a log group of the template writes to one that the service makes, which never ends. */
function withoutLogGroup(template: SynthesizedTemplate): readonly string[] {
  const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
  const names = JSON.stringify(groups.map(([, { Properties }]) => Properties.LogGroupName ?? null));
  const isNamed = (id: string, { Properties }: Resource) => {
    const own = z.object({ LogGroup: z.object({ Ref: z.string() }) }).safeParse(Properties.LoggingConfig);
    return own.success ? groups.some(([group]) => group === own.data.LogGroup.Ref) : names.includes(`"Ref":"${id}"`);
  };
  return resourcesOf(template, 'AWS::Lambda::Function').flatMap(([id, one]) => (isNamed(id, one) ? [] : [id]));
}

export const OWN_RULES: readonly OwnRule[] = [
  { id: 'table-in-one-region', find: table(z.object({ Region: z.string() })) },
  {
    id: 'table-under-own-key',
    find: table(z.object({ SSESpecification: z.object({ KMSMasterKeyId: ARN }) }), {
      SSESpecification: z.object({ SSEEnabled: z.literal(true), SSEType: z.literal('KMS') }),
    }),
  },
  {
    id: 'table-restorable',
    find: table(
      z.object({ PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.literal(true) }) }),
    ),
  },
  {
    id: 'table-protected',
    find: (template, { keepsHistory }) => {
      if (!keepsHistory) return [];
      const find = table(z.object({ DeletionProtectionEnabled: z.literal(true) }));
      const isKept = shaped('AWS::DynamoDB::GlobalTable', z.object(KEPT_RESOURCE));
      return [...new Set([...find(template, { keepsHistory }), ...isKept(template, { keepsHistory })])];
    },
  },
  { id: 'table-global', find: (template) => resourcesOf(template, 'AWS::DynamoDB::Table').map(([id]) => id) },
  { id: 'client-without-oauth', find: shaped('AWS::Cognito::UserPoolClient', client) },
  {
    id: 'pool-without-federation',
    find: (template) => FEDERATION.flatMap((type) => resourcesOf(template, type).map(([id]) => id)),
  },
  {
    id: 'service-for-one-source',
    find: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, { Properties }]) =>
        statementsOf(Properties).some(allowsAnyService) ? [id] : [],
      ),
  },
  {
    id: 'permission-for-one-source',
    find: shaped(
      'AWS::Lambda::Permission',
      z.object({ Properties: z.object({ SourceArn: z.union([z.string(), z.object({})]) }) }),
    ),
  },
  { id: 'bucket-by-tls', find: withoutTls('AWS::S3::Bucket', ['AWS::S3::BucketPolicy', 'Bucket']) },
  { id: 'topic-by-tls', find: withoutTls('AWS::SNS::Topic', ['AWS::SNS::TopicPolicy', 'Topics']) },
  { id: 'queue-by-tls', find: withoutTls('AWS::SQS::Queue', ['AWS::SQS::QueuePolicy', 'Queues']) },
  {
    id: 'bucket-old-versions-end',
    find: withoutLifecycle((rule, isVersioned) =>
      isVersioned
        ? rule.NoncurrentVersionExpiration !== undefined
        : (rule.ExpirationInDays ?? rule.NoncurrentVersionExpiration) !== undefined,
    ),
  },
  {
    id: 'bucket-uploads-end',
    find: withoutLifecycle((rule) => rule.AbortIncompleteMultipartUpload !== undefined),
  },
  { id: 'log-group-ends', find: shaped('AWS::Logs::LogGroup', logs) },
  { id: 'function-has-log-group', find: withoutLogGroup },
];
