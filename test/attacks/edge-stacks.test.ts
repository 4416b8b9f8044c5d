import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resourcesOf, type SynthesizedTemplate, synthesize, synthesizeEdge } from '../infra/synthesized.ts';

const CERTIFICATE = 'arn:aws:acm:us-east-1:000000000000:certificate/1';
const VERSION = '01234567-89ab-cdef-0123-456789abcdef';

const origin = z.looseObject({
  OriginCustomHeaders: z.array(z.object({ HeaderName: z.string(), HeaderValue: z.unknown() })).optional(),
  CustomOriginConfig: z
    .looseObject({ OriginProtocolPolicy: z.string(), OriginSSLProtocols: z.array(z.string()) })
    .optional(),
});
const distribution = z.object({
  DistributionConfig: z.looseObject({
    Origins: z.array(origin),
    WebACLId: z.unknown(),
    Aliases: z.array(z.string()).optional(),
    ViewerCertificate: z.record(z.string(), z.unknown()).optional(),
  }),
});
const rule = z.looseObject({
  Name: z.string(),
  Priority: z.number(),
  Action: z.record(z.string(), z.unknown()).optional(),
  OverrideAction: z.record(z.string(), z.unknown()).optional(),
  VisibilityConfig: z.object({
    CloudWatchMetricsEnabled: z.boolean(),
    MetricName: z.string(),
    SampledRequestsEnabled: z.boolean(),
  }),
});
const webAcl = z.looseObject({ Scope: z.string(), Rules: z.array(rule) });

let stacks: ReturnType<typeof synthesizeEdge>;
let own: ReturnType<typeof synthesizeEdge>;

beforeAll(() => {
  stacks = synthesizeEdge();
  own = synthesizeEdge({
    console: { domain: 'refunds.shop.example', certificateArn: CERTIFICATE },
    edgeSecretVersion: VERSION,
  });
});

function only(template: SynthesizedTemplate, type: string) {
  const found = resourcesOf(template, type);
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties ?? {};
}

const configOf = ({ console }: ReturnType<typeof synthesizeEdge>) =>
  distribution.parse(only(console, 'AWS::CloudFront::Distribution')).DistributionConfig;

/** Reads an output of another stack. */
function outputOf(stack: string, name: RegExp, region = 'us-east-1') {
  return { 'Fn::GetStackOutput': { StackName: stack, Region: region, OutputName: expect.stringMatching(name) } };
}

describe('the console’s address', () => {
  it('P13: is flooded, or gets requests of known attacks', () => {
    expect(configOf(stacks).WebACLId).toEqual(outputOf('Onecharge-prod-firewall', /WebAclArn/));
    const { Scope, Rules } = webAcl.parse(only(stacks.firewall, 'AWS::WAFv2::WebACL'));
    expect(Scope).toBe('CLOUDFRONT');
    expect(Rules.map(({ Name, Priority }) => [Priority, Name])).toEqual([
      [0, 'RatePerAddress'],
      [1, 'LinksPerAddress'],
      [2, 'AWSManagedRulesAmazonIpReputationList'],
      [3, 'AWSManagedRulesKnownBadInputsRuleSet'],
      [4, 'AWSManagedRulesCommonRuleSet'],
    ]);
    for (const { Action, OverrideAction, VisibilityConfig } of Rules) {
      // A rule blocks; a group’s own actions stand.
      expect(Action ?? OverrideAction).toEqual(Action === undefined ? { None: {} } : { Block: {} });
      expect(VisibilityConfig.CloudWatchMetricsEnabled).toBe(true);
    }
    expect(new Set(Rules.map(({ VisibilityConfig }) => VisibilityConfig.MetricName)).size).toBe(Rules.length);
  });

  it('P13: is flooded where the service is in another region than the firewall', () => {
    const abroad = synthesizeEdge({ region: 'eu-west-1' });
    expect(configOf(abroad).WebACLId).toEqual(outputOf('Onecharge-prod-firewall', /WebAclArn/));
    const { ResourceArn } = only(abroad.logs, 'AWS::Logs::DeliverySource');
    expect(JSON.stringify(ResourceArn)).toContain('"Region":"eu-west-1"');
    for (const template of Object.values(abroad)) {
      expect(resourcesOf(template, 'Custom::CrossRegionExportReader')).toEqual([]);
    }
  });

  it('P14: is reached by an old version of TLS, at a domain of the stage', () => {
    expect(configOf(own)).toMatchObject({
      Aliases: ['refunds.shop.example'],
      ViewerCertificate: {
        AcmCertificateArn: CERTIFICATE,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
    for (const { CustomOriginConfig } of configOf(stacks).Origins) {
      if (CustomOriginConfig === undefined) continue;
      expect(CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
    }
  });

  it('P15: leaves tokens, links and payers in a log of the edge', () => {
    const blocked = only(stacks.firewall, 'AWS::WAFv2::LoggingConfiguration');
    expect(blocked).toMatchObject({
      RedactedFields: [
        { UriPath: {} },
        { QueryString: {} },
        { SingleHeader: { Name: 'authorization' } },
        { SingleHeader: { Name: 'cookie' } },
      ],
      LoggingFilter: { DefaultBehavior: 'DROP' },
    });
    const { Rules } = webAcl.parse(only(stacks.firewall, 'AWS::WAFv2::WebACL'));
    expect(Rules.filter(({ VisibilityConfig }) => VisibilityConfig.SampledRequestsEnabled)).toEqual([]);
    const { RecordFields } = z
      .object({ RecordFields: z.array(z.string()) })
      .parse(only(stacks.logs, 'AWS::Logs::Delivery'));
    expect(RecordFields).toEqual(expect.arrayContaining(['date', 'time', 'c-ip', 'cs-method', 'sc-status']));
    expect(RecordFields.filter((field) => /uri|query|cookie|referer|header/i.test(field))).toEqual([]);
    // The older logs have every field.
    expect(configOf(stacks)).not.toHaveProperty('Logging');
  });
});

describe('what CloudFront adds to a request', () => {
  const headersOf = (edge: ReturnType<typeof synthesizeEdge>) =>
    configOf(edge).Origins.flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders);

  it('P12: is read in a template', () => {
    for (const [edge, ending] of [
      [stacks, ':SecretString:key::}}'],
      [own, `:SecretString:key::${VERSION}}}`],
    ] as const) {
      const [header, ...others] = headersOf(edge);
      expect(others).toEqual([]);
      expect(header).toEqual({
        HeaderName: 'x-onecharge-edge',
        HeaderValue: {
          'Fn::Join': ['', ['{{resolve:secretsmanager:', outputOf('Onecharge-prod', /ApiEdgeSecret/), ending]],
        },
      });
    }
  });

  it('P12: is known to what does not check it', () => {
    const prod = synthesize('prod');
    const secrets = resourcesOf(prod, 'AWS::SecretsManager::Secret').filter(([id]) => id.startsWith('ApiEdgeSecret'));
    expect(secrets).toHaveLength(1);
    const readers = resourcesOf(prod, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
      JSON.stringify(Properties.PolicyDocument).includes('ApiEdgeSecret'),
    );
    expect(readers.map(([id]) => id.replace(/RoleDefaultPolicy.*$/, '')).sort()).toEqual([
      'ApiDecide',
      'ApiPublic',
      'ApiRead',
    ]);
    const local = synthesize('local');
    expect(JSON.stringify(local.Resources)).not.toContain('EdgeSecret');
  });
});
