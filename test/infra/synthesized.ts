import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { deployEdge } from '../../lib/edge.ts';
import { ServiceStack } from '../../lib/service-stack.ts';
import { settingsFor } from '../../lib/settings.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.unknown()).default({}),
});

export type Resource = z.infer<typeof resource>;
export type SynthesizedTemplate = z.infer<typeof template>;

/** What is deployed of each stage, as far as templates differ. */
export const VARIANTS: readonly Variant[] = [
  { stage: 'prod', gateway: 'sandbox' },
  { stage: 'prod', gateway: 'stripe' },
  { stage: 'prod', gateway: 'stripe', hardened: true },
  { stage: 'local', gateway: 'sandbox' },
];

export interface Variant {
  readonly stage: 'local' | 'prod';
  readonly gateway: 'sandbox' | 'stripe';
  /** With every setting of docs/hardening.md. */
  readonly hardened?: boolean;
}

const HARDENED = {
  signingProfileArn: 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/onecharge/Ab12Cd34Ef',
  listsEgress: true,
};

export interface NamedTemplate {
  readonly name: string;
  readonly keepsHistory: boolean;
  /** As it is deployed, with all that the schema above leaves out. */
  readonly whole: object;
  readonly template: SynthesizedTemplate;
}

/** Every template that a deployment of any variant may have. */
export function everyTemplate(): readonly NamedTemplate[] {
  return VARIANTS.flatMap((variant) => {
    const { stage, gateway, hardened = false } = variant;
    const service = serviceStack(variant);
    const edge = stage === 'local' ? {} : edgeStacks(service);
    return Object.entries({ service, ...edge }).map(([of, stack]) => {
      const whole: object = Template.fromStack(stack).toJSON();
      const name = `${stage}-${gateway}${hardened ? '-hardened' : ''}-${of}`;
      return { name, keepsHistory: stage !== 'local', whole, template: template.parse(whole) };
    });
  });
}

/** The stack's template with bundling left out: no test of a template needs the code. */
export function synthesize(
  stage: Variant['stage'],
  { gateway = 'sandbox', hardened = false }: Partial<Variant> = {},
): SynthesizedTemplate {
  return template.parse(Template.fromStack(serviceStack({ stage, gateway, hardened })).toJSON());
}

/** The template of the console's hosting, beside a service of the same stage. */
export function synthesizeConsole(): SynthesizedTemplate {
  return synthesizeEdge().console;
}

interface EdgeOptions {
  /** The console's own domain. */
  readonly console?: { readonly domain: string; readonly certificateArn: string };
  readonly edgeSecretVersion?: string;
  /** The service's region. */
  readonly region?: string;
}

/** The templates of what stands before a service of the same stage. */
export function synthesizeEdge(options: EdgeOptions = {}) {
  const { firewall, console, logs } = edgeStacks(serviceStack({ stage: 'prod', gateway: 'sandbox' }, options), options);
  const parsed = (stack: Stack) => template.parse(Template.fromStack(stack).toJSON());
  return { firewall: parsed(firewall), console: parsed(console), logs: parsed(logs) };
}

/** What stands before a service, in the same app. */
export function edgeStacks({ addresses, node }: ServiceStack, options: EdgeOptions = {}) {
  const { console, edgeSecretVersion, region = ENV.region } = options;
  const settings = { ...settingsOf({ stage: 'prod', gateway: 'sandbox' }), console };
  return deployEdge(node.root, { settings, service: addresses, env: { ...ENV, region }, edgeSecretVersion });
}

const { context: FLAGS } = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')));
const ENV = { account: '000000000000', region: 'us-east-1' };

/** The stacks of a stage with the feature flags of the app that is deployed. Returns the service; its root is the app. */
export function serviceStack(
  variant: Variant,
  { region = ENV.region }: Pick<EdgeOptions, 'region'> = {},
): ServiceStack {
  const { stage } = variant;
  const app = new App({ context: { ...FLAGS, 'aws:cdk:bundling-stacks': [] } });
  return new ServiceStack(app, `Onecharge-${stage}`, {
    settings: settingsOf(variant),
    configurationFile: join(ROOT, 'configuration', `${stage}.json`),
    env: { ...ENV, region },
  });
}

function settingsOf({ stage, gateway: kind, hardened = false }: Variant) {
  const configured = {
    detectors: [{ id: 'same-order' }, { id: 'rapid-repeat' }],
    sources: [{ gateway: kind === 'sandbox' ? { kind } : { kind, secret: 'processors/wallet' } }],
  };
  return settingsFor(stage, configured, hardened ? HARDENED : {});
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
