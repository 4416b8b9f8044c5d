import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LEASE_MS } from '../../core/jobs/job.ts';
import { SLICE_MS } from '../../core/jobs/run-job.ts';
import { SWEEP_INTERVAL_MS } from '../../core/refunds/freeze.ts';
import { ALERT_ENVIRONMENT, DIGEST_ENVIRONMENT } from '../../functions/alerts/environment.ts';
import { API_ENVIRONMENT } from '../../functions/api/environment.ts';
import { SEAL_ENVIRONMENT } from '../../functions/cases/environment.ts';
import { DETECT_ENVIRONMENT } from '../../functions/detection/environment.ts';
import { APPROVE_ENVIRONMENT, EXPORT_ENVIRONMENT } from '../../functions/jobs/environment.ts';
import { DISPATCH_ENVIRONMENT, SWEEP_ENVIRONMENT, TASK_ENVIRONMENT } from '../../functions/refunds/environment.ts';
import { handlerEntries } from './bundles.ts';
import { nameOf } from './granted.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const prod = synthesize('prod');
const of = (type: string) =>
  resourcesOf(prod, type).map(([id, resource]) => ({ name: nameOf({ Ref: id }), ...resource }));

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
    ['ApiPublic', API_ENVIRONMENT.public],
    ['ApiRead', API_ENVIRONMENT.read],
    ['ApiDecide', API_ENVIRONMENT.decide],
    ['JobsExport', EXPORT_ENVIRONMENT],
    ['JobsApprove', APPROVE_ENVIRONMENT],
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

  const ACCESS = ['ApiPublicLogs', 'ApiReadLogs', 'ApiDecideLogs', 'ApiAccessLogs'];

  it.each(of('AWS::Logs::LogGroup').filter(({ name }) => !ACCESS.includes(name)))(
    '$name forgets after a year',
    ({ Properties }) => {
      expect(Properties.RetentionInDays).toBe(365);
    },
  );

  it.each(ACCESS)('%s says who looked at what: it outlives the stack and refuses to be deleted', (name) => {
    const group = of('AWS::Logs::LogGroup').find((one) => one.name === name);
    expect(group?.Properties).toMatchObject({ RetentionInDays: 400, DeletionProtectionEnabled: true });
    expect(group?.DeletionPolicy).toBe('Retain');
  });
});

describe('stream mappings lose nothing', () => {
  const mappings = of('AWS::Lambda::EventSourceMapping');

  it('there are five', () => {
    expect(mappings.map(({ name }) => name).sort()).toEqual(
      [
        'AlertsAlertStream',
        'RefundsDispatchStream',
        'DetectionDetectStream',
        'JobsExportStream',
        'JobsApproveStream',
      ].sort(),
    );
  });

  it.each(mappings)('$name reports, splits, bounds and gives up', ({ Properties }) => {
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
    expect(ages.get('JobsExportStream')).toBeLessThan(24 * 3_600);
    expect(ages.get('JobsApproveStream')).toBeLessThan(24 * 3_600);
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
        { kind: { S: ['flag'] }, body: { M: { short: { M: { why: { S: [{ exists: true }] } } } } } },
      ],
    ],
    ['JobsExportStream', [{ status: { S: ['queued'] }, kind: { S: ['export'] } }]],
    ['JobsApproveStream', [{ status: { S: ['queued'] }, kind: { S: ['bulk-approval'] } }]],
  ])('%s hears only what concerns it', (name, images) => {
    const criteria = mappings.find((one) => one.name === name)?.Properties.FilterCriteria;
    const { Filters } = z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }).parse(criteria);
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual(
      images.map((NewImage) => ({ eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage } })),
    );
  });

  it.each(['JobsExport', 'JobsApprove'])('a job’s lease is longer than %s lives, and is waited for', (runner) => {
    const run = of('AWS::Lambda::Function').find(({ name }) => name === runner);
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
