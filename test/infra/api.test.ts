import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { doorOf, ROUTES } from '../../functions/api/operations.ts';
import { grantedTo, nameOf } from './granted.ts';
import { idOf, resourcesOf, synthesize } from './synthesized.ts';

const prod = synthesize('prod');
const of = (type: string) =>
  resourcesOf(prod, type).map(([id, resource]) => ({ name: nameOf({ Ref: id }), ...resource }));
const grantsOf = (role: string) => [...grantedTo(prod, idOf(prod, 'AWS::IAM::Role', role))];

describe('the API', () => {
  const routes = new Map(
    of('AWS::ApiGatewayV2::Route').map(({ Properties }) => [Properties.RouteKey, Properties.AuthorizationType]),
  );

  it('has a route for each operation, and one that answers for what is none', () => {
    const wanted = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`);
    expect([...routes.keys()].sort()).toEqual(['$default', ...wanted].sort());
  });

  it('is behind the users’ tokens, save for what is public and what operators sign', () => {
    const keysOf = (role: string) =>
      Object.values(ROUTES)
        .filter((route) => route.role === role)
        .map(({ method, path }) => `${method} ${path}`);
    const keysWith = (type: string) => [...routes].filter(([, used]) => used === type).map(([key]) => key);
    expect(keysWith('NONE')).toEqual(keysOf('public'));
    expect(keysWith('AWS_IAM').sort()).toEqual(keysOf('operator').sort());
    expect(keysWith('JWT')).toHaveLength(routes.size - keysOf('public').length - keysOf('operator').length);
  });

  it('has one folder of paths for operators, which is theirs alone', () => {
    for (const { path, role, method } of Object.values(ROUTES)) {
      expect(path.startsWith('/operator/')).toBe(role === 'operator');
      if (role === 'operator') expect(method).toBe('POST');
    }
  });

  it('is throttled and logged', () => {
    const [stage] = of('AWS::ApiGatewayV2::Stage');
    expect(stage?.Properties).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: { DestinationArn: expect.anything() },
    });
  });

  it('knows viewers, approvers and admins, and lets nobody sign up', () => {
    const groups = of('AWS::Cognito::UserPoolGroup').map(({ Properties }) => Properties.GroupName);
    expect(groups.sort()).toEqual(['admin', 'approver', 'viewer']);
    const [pool] = of('AWS::Cognito::UserPool');
    expect(pool?.Properties.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: true });
  });
});

describe('the functions of the API', () => {
  it('answer the routes that are theirs', () => {
    const targets = new Map(
      of('AWS::ApiGatewayV2::Route').map(({ Properties }) => [Properties.RouteKey, Properties.Target]),
    );
    const uris = new Map(
      of('AWS::ApiGatewayV2::Integration').map(({ name, Properties }) => [name, Properties.IntegrationUri]),
    );
    for (const endpoint of Object.values(ROUTES)) {
      const target = nameOf(targets.get(`${endpoint.method} ${endpoint.path}`)).replace('integrations/', '');
      expect(nameOf(uris.get(target))).toBe(`Api${capitalized(doorOf(endpoint))}`);
    }
  });

  it('have their share of the requests each: a flood without tokens takes none of the decisions’', () => {
    const [stage] = of('AWS::ApiGatewayV2::Stage');
    const settings = z
      .record(z.string(), z.object({ ThrottlingRateLimit: z.number() }))
      .parse(stage?.Properties.RouteSettings);
    expect(Object.keys(settings).sort()).toEqual(
      Object.values(ROUTES)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
    expect(settings['POST /flags/{id}/approve']?.ThrottlingRateLimit).toBe(10);
    expect(settings['GET /payer-links/{link}']?.ThrottlingRateLimit).toBe(50);
  });

  it.each(['ApiPublicRole', 'ApiReadRole'])('%s writes nothing', (role) => {
    expect(
      grantsOf(role)
        .filter((grant) => /(Put|Update|Delete|PartiQL|Write|Invoke|Start|Send|Publish)/.test(grant))
        .sort(),
    ).toEqual([
      ...['logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'].map((action) =>
        expect.stringContaining(action),
      ),
    ]);
  });
});

/** Whoever makes a MAC approves: each of them has checked an approver, or the order of one. */
it('decide and the approval of an incident alone make approvals', () => {
  const roles = resourcesOf(prod, 'AWS::IAM::Role').map(([id]) => nameOf({ Ref: id }));
  expect(roles.filter((role) => grantsOf(role).some((grant) => grant.startsWith('kms:GenerateMac'))).sort()).toEqual([
    'ApiDecideRole',
    'JobsApproveRole',
  ]);
});

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
