import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resourcesOf, type SynthesizedTemplate, synthesize, synthesizeEdge } from './synthesized.ts';

const edge = synthesizeEdge();
const TEMPLATES = [
  { name: 'prod', template: synthesize('prod') },
  { name: 'local', template: synthesize('local') },
  { name: 'the console', template: edge.console },
  { name: 'the firewall', template: edge.firewall },
  { name: 'the logs of the console', template: edge.logs },
];

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

/** Ids of resources of a type that no policy of the other type denies without TLS. */
function withoutTls(template: SynthesizedTemplate, type: string, [policyType, field]: readonly [string, string]) {
  const policies = resourcesOf(template, policyType).filter(([, { Properties }]) =>
    statementsOf(Properties).some(deniesPlainHttp),
  );
  const text = JSON.stringify(policies.map(([, { Properties }]) => Properties[field]));
  return resourcesOf(template, type).flatMap(([id]) => (text.includes(`"Ref":"${id}"`) ? [] : [id]));
}

const bucket = z.object({
  VersioningConfiguration: z.object({ Status: z.string() }).optional(),
  LifecycleConfiguration: z.object({
    Rules: z.array(
      z.object({
        Status: z.literal('Enabled'),
        ExpirationInDays: z.number().optional(),
        NoncurrentVersionExpiration: z.unknown().optional(),
      }),
    ),
  }),
});

describe.each(TEMPLATES)('the policies of $name', ({ template }) => {
  it('let a service act for nothing but what is ours', () => {
    const open = Object.entries(template.Resources).filter(([, { Properties }]) =>
      statementsOf(Properties).some(allowsAnyService),
    );
    expect(open.map(([id]) => id)).toEqual([]);
  });

  it('let a service invoke a function for one source', () => {
    const open = resourcesOf(template, 'AWS::Lambda::Permission').filter(
      ([, { Properties }]) => Properties.SourceArn === undefined,
    );
    expect(open.map(([id]) => id)).toEqual([]);
  });

  it.each([
    ['AWS::S3::Bucket', ['AWS::S3::BucketPolicy', 'Bucket']],
    ['AWS::SNS::Topic', ['AWS::SNS::TopicPolicy', 'Topics']],
    ['AWS::SQS::Queue', ['AWS::SQS::QueuePolicy', 'Queues']],
  ] as const)('deny each %s what comes without TLS', (type, policy) => {
    expect(withoutTls(template, type, policy)).toEqual([]);
  });

  it('end the old versions of each bucket, or its objects', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::S3::Bucket')) {
      const { VersioningConfiguration, LifecycleConfiguration } = bucket.parse(Properties);
      const ends = LifecycleConfiguration.Rules.some((rule) =>
        VersioningConfiguration === undefined
          ? (rule.ExpirationInDays ?? rule.NoncurrentVersionExpiration) !== undefined
          : rule.NoncurrentVersionExpiration !== undefined,
      );
      expect([id, ends]).toEqual([id, true]);
    }
  });
});

describe('the access logs of buckets', () => {
  const buckets = resourcesOf(synthesize('prod'), 'AWS::S3::Bucket');
  const files = resourcesOf(edge.console, 'AWS::S3::Bucket');

  it('are in one bucket, for a year, which is closed to the public', () => {
    const logs = buckets.filter(([id]) => id.startsWith('AccessLogs')).map(([, { Properties }]) => Properties);
    expect(logs).toMatchObject([
      {
        PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: {} }, { ExpirationInDays: 365 }] },
      },
    ]);
  });

  it.each([...buckets, ...files].filter(([id]) => !id.startsWith('AccessLogs')))(
    'are written for %s',
    (_id, { Properties }) => {
      expect(Properties.LoggingConfiguration).toEqual({
        DestinationBucketName: { Ref: expect.stringMatching(/^AccessLogs/) },
        LogFilePrefix: expect.stringMatching(/^\w+\/$/),
      });
    },
  );
});

describe('the search for open services', () => {
  const open = { Effect: 'Allow', Action: ['sns:Publish'], Principal: { Service: 'events.amazonaws.com' } };
  const found = (one: object) => statementsOf({ a: [{ PolicyDocument: { Statement: [one] } }] }).some(allowsAnyService);

  it('finds one without a condition, at any depth, and takes no other condition for one', () => {
    expect(found(open)).toBe(true);
    expect(found({ ...open, Condition: { Bool: { 'aws:SecureTransport': 'true' } } })).toBe(true);
    expect(found({ ...open, Condition: { StringEquals: { 'AWS:SourceAccount': '1' } } })).toBe(false);
    expect(found({ ...open, Effect: 'Deny' })).toBe(false);
  });
});
