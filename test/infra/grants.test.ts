import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ADAPTER_OPERATIONS, keyActionsOf } from './adapter-operations.ts';
import { actionsIn, awsAdaptersIn, bundleHandlers, commandsIn, needsOf } from './bundles.ts';
import { grantedTo, nameOf } from './granted.ts';
import { resourcesOf, type SynthesizedTemplate, synthesize } from './synthesized.ts';

const template = synthesize('prod');
const bundles = await bundleHandlers();

const GATEWAYS = /^adapters\/gateways\//;
const functionProperties = z.object({ Role: z.unknown() });
const mappingProperties = z.object({ FunctionName: z.unknown(), EventSourceArn: z.unknown() });

describe('the table of adapter operations', () => {
  it('knows every adapter by which a function sends commands to AWS', () => {
    expect(Object.keys(ADAPTER_OPERATIONS).sort()).toEqual(awsAdaptersIn(bundles));
  });

  it.each(Object.keys(ADAPTER_OPERATIONS))('lists what %s sends', (adapter) => {
    const listed = Object.values(ADAPTER_OPERATIONS[adapter] ?? {}).flat();
    expect([...new Set(listed.map((need) => need.split(' ')[0]))].sort()).toEqual(actionsIn(adapter));
  });

  it('names calls that adapters have', () => {
    const modules = bundles.flatMap((bundle) => [...bundle.modules]);
    const adapters = modules.filter(([path]) => path.startsWith('adapters/')).map(([, code]) => code);
    const words = new Set(adapters.join('\n').match(/\w+/g));
    const calls = Object.values(ADAPTER_OPERATIONS).flatMap((operations) => Object.keys(operations));
    expect(calls.filter((call) => !words.has(call.replaceAll(/\W/g, '')))).toEqual([]);
  });
});

it('assess and reverse alone carry the gateways of processors', () => {
  const carrying = bundles.filter(({ modules }) => [...modules.keys()].some((path) => GATEWAYS.test(path)));
  expect(carrying.map(({ entry }) => entry)).toEqual([
    'functions/refunds/assess.lambda.ts',
    'functions/refunds/reverse.lambda.ts',
  ]);
});

describe.each(bundles)('$entry', (bundle) => {
  it('sends commands through adapters alone', () => {
    const own = [...bundle.modules].filter(([path]) => !path.startsWith('adapters/'));
    expect(own.filter(([, code]) => commandsIn(code).length > 0).map(([path]) => path)).toEqual([]);
  });

  it('is granted what it does, and nothing else', () => {
    const id = functionIdOf(bundle.entry);
    const wanted = withKeys(new Set([...needsOf(bundle), ...platformNeedsOf(id)]));
    const granted = grantedTo(template, roleOf(template, id));
    expect({ missing: difference(wanted, granted), needless: difference(granted, wanted) }).toEqual({
      missing: [],
      needless: [],
    });
  });
});

/** `functions/refunds/claim.lambda.ts` is the construct `Refunds/Claim`. */
function functionIdOf(entry: string): string {
  const [, stage = '', verb = ''] = /^functions\/(\w+)\/(\w+)\.lambda\.ts$/.exec(entry) ?? [];
  const prefix = `${capitalized(stage)}${capitalized(verb)}`;
  const found = resourcesOf(template, 'AWS::Lambda::Function').filter(([id]) => id.replace(/.{8}$/, '') === prefix);
  const [id] = found[0] ?? [];
  if (id === undefined) throw new Error(`no function ${prefix} for ${entry}`);
  return id;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function roleOf({ Resources }: SynthesizedTemplate, functionId: string): string {
  const { Role } = functionProperties.parse(Resources[functionId]?.Properties);
  return z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }).parse(Role)['Fn::GetAtt'][0];
}

/** What Lambda does in the function's name: logs, traces, the stream it reads, the batches it gives up. */
function platformNeedsOf(functionId: string): readonly string[] {
  const name = nameOf({ Ref: functionId });
  const needs = [
    `logs:CreateLogStream ${name}Logs`,
    `logs:PutLogEvents ${name}Logs`,
    // Traces belong to no resource: AWS takes `*` alone.
    'xray:PutTraceSegments *',
    'xray:PutTelemetryRecords *',
  ];
  for (const [, { Properties }] of resourcesOf(template, 'AWS::Lambda::EventSourceMapping')) {
    const { FunctionName, EventSourceArn } = mappingProperties.parse(Properties);
    if (nameOf(FunctionName) !== name) continue;
    const source = nameOf(EventSourceArn);
    needs.push('s3:PutObject EventsDeadLetterBucket/*', 's3:ListBucket EventsDeadLetterBucket');
    needs.push(...streamActionsOf(source).map((action) => `${action} ${source}`));
  }
  return needs;
}

function streamActionsOf(source: string): readonly string[] {
  const both = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
  return source === 'EventsStream'
    ? [...both, 'DescribeStreamSummary', 'ListShards'].map((action) => `kinesis:${action}`)
    : both.map((action) => `dynamodb:${action}`);
}

function withKeys(needs: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...needs, ...[...needs].flatMap(keyActionsOf)]);
}

function difference(from: ReadonlySet<string>, without: ReadonlySet<string>): readonly string[] {
  return [...from].filter((item) => !without.has(item)).sort();
}
