import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TABLES } from '../../adapters/dynamodb/table-layouts.ts';
import { settingsFor } from '../../lib/settings.ts';
import { nameOf } from './granted.ts';
import { ROOT, resourcesOf, synthesize, synthesizeConsole } from './synthesized.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'data.md'), 'utf8');
const KEEPING = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::S3::Bucket',
  'AWS::Logs::LogGroup',
  'AWS::Kinesis::Stream',
  'AWS::SQS::Queue',
];
const { retention } = settingsFor('prod', { detectors: [], sources: [] });

/** The rows whose first cell names resources by their constructs. */
const rows = PAGE.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '));
const namesIn = (cell = '') => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

describe('the page of what lives where', () => {
  it('has a row for everything in the stacks that stores data, and for nothing else', () => {
    const stored = [synthesize('prod'), synthesizeConsole()].flatMap((template) =>
      KEEPING.flatMap((type) => resourcesOf(template, type).map(([id]) => nameOf({ Ref: id }))),
    );
    // The CDK's own function that copies the console's files.
    const ours = stored.filter((name) => !name.startsWith('CustomCDKBucketDeployment'));
    const named = new Set(rows.flatMap(([first]) => namesIn(first)));
    expect([...named].sort()).toEqual([...new Set(ours)].sort());
  });

  it.each(Object.entries(retention))('states the setting %s with its %i days', (part, days) => {
    const stating = rows.filter((row) => row.some((cell) => cell.includes(`\`retention.${part}\``)));
    expect(stating.length).toBeGreaterThan(0);
    for (const row of stating) expect(row.join(' ')).toContain(`\`retention.${part}\`, ${days}`);
  });

  it('says of each table without an expiry why its items have no end', () => {
    const endless = Object.entries(TABLES).filter(([, layout]) => !('ttl' in layout));
    expect(endless.map(([table]) => table).sort()).toEqual(['cases', 'sandbox']);
  });
});
