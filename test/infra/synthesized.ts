import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { ServiceStack } from '../../lib/service-stack.ts';
import { settingsFor } from '../../lib/settings.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
});
const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.unknown()),
});

export type Resource = z.infer<typeof resource>;
export type SynthesizedTemplate = z.infer<typeof template>;

/** The stack's template with bundling left out: no test of a template needs the code. */
export function synthesize(stage: 'local' | 'prod', { gateway = 'sandbox' } = {}): SynthesizedTemplate {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new ServiceStack(app, `Onecharge-${stage}`, {
    settings: settingsFor(stage, {
      history: 'hold',
      detectors: [{ id: 'same-order' }, { id: 'rapid-repeat' }],
      refunds: { gateways: { default: { kind: gateway } } },
    }),
    configurationFile: join(ROOT, 'configuration', `${stage}.json`),
    env: { account: '000000000000', region: 'us-east-1' },
  });
  return template.parse(Template.fromStack(stack).toJSON());
}

export function resourcesOf(
  { Resources }: SynthesizedTemplate,
  type: string,
): readonly (readonly [string, Resource])[] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type);
}

/** The one resource whose logical id begins with the prefix. */
export function idOf({ Resources }: SynthesizedTemplate, type: string, prefix: string): string {
  const found = Object.keys(Resources).filter((id) => id.startsWith(prefix) && Resources[id]?.Type === type);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} of ${type} begin with ${prefix}`);
  return only;
}
