import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ROOT, resourcesOf, synthesize } from './synthesized.ts';

const template = synthesize('prod');
const described = z.object({ AlarmDescription: z.string() });
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
  return described.parse(Properties).AlarmDescription;
});
const names = alarms.map((description) => description.split(':')[0] ?? '');
const runbook = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
/** An article about an alarm has the alarm's name, as code, for its heading; other headings are other help. */
const articles = new Map(
  [...runbook.matchAll(/^## `([\w-]+)`\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
);

describe('the runbook', () => {
  it('has one article for each alarm, and none for an alarm that is not there', () => {
    expect([...articles.keys()].sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(names)('says of %s what it means, what to look at and what to do', (name) => {
    for (const part of ['**Means.**', '**Look.**', '**Do.**']) expect(articles.get(name)).toContain(part);
  });

  it.each(alarms)('is named in the alarm: %s', (description) => {
    expect(description).toContain(`docs/runbook.md#${description.split(':')[0]}`);
  });

  it('is about a stack that rings for what an operator must not miss', () => {
    const metrics = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties.MetricName);
    const wanted = [
      'IteratorAge',
      'OnFailureDestinationDeliveredEventCount',
      'refusedPercent',
      'unauthentic',
      'refundsRefused',
      'outcomesUnknown',
      'budgetsSpent',
      'holdOldestSeconds',
      'Throttles',
    ];
    expect(metrics).toEqual(expect.arrayContaining(wanted));
  });

  it('has a dashboard that shows every alarm', () => {
    const [[, dashboard] = []] = resourcesOf(template, 'AWS::CloudWatch::Dashboard');
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    for (const [id] of resourcesOf(template, 'AWS::CloudWatch::Alarm')) expect(body).toContain(id);
  });
});
