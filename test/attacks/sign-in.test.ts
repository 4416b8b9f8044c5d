import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isIdle, noteAct, watchIdle } from '../../console/session/idle.ts';
import { callerOf, isIn } from '../../functions/api/caller.ts';
import { ROLES, ROUTES } from '../../functions/api/operations.ts';
import { resourcesOf, type SynthesizedTemplate, synthesize } from '../infra/synthesized.ts';

interface Token {
  /** In the token, as its issuer signed it. */
  readonly groups?: readonly string[] | undefined;
  /** As the gateway hands the verified claim on. */
  readonly verified?: unknown;
  readonly use?: string | null;
}

function textOf(groups: readonly string[] = []): string {
  return `[${groups.join(' ')}]`;
}

function callWith({ groups, verified = textOf(groups), use = 'access' }: Token) {
  const payload = Buffer.from(JSON.stringify({ 'cognito:groups': groups })).toString('base64url');
  const claims = { sub: 'ann', token_use: use, 'cognito:groups': verified };
  const event = {
    headers: { authorization: `Bearer header.${payload}.signature` },
    requestContext: { authorizer: { jwt: { claims, scopes: [] } } },
  };
  return callerOf(event as unknown as Parameters<typeof callerOf>[0]); // the fields that it reads
}

/** The highest role, or none. */
function roleOf(token: Token): string | undefined {
  const caller = callWith(token);
  return ROLES.findLast((role) => isIn(caller, role));
}

describe('a caller of the API', () => {
  it.each([null, 'id', 'refresh', 'Access', ''])('P1: sends a token that is for %j', (use) => {
    const call = () => callWith({ groups: ['admin'], use });
    expect(call).toThrow(expect.objectContaining({ code: 'subject-missing' }));
  });

  it.each([
    ['x admin'],
    ['admin x'],
    ['viewer approver admin'],
    ['x,admin'],
    ['admin,x'],
    ['"admin"'],
    ['[admin]'],
    ['Admin'],
    ['admin\u00a0'],
    ['admin\tx'],
    ['administrators'],
    [''],
    [' admin'],
  ])('P2: is in a group named %j', (name) => {
    expect(roleOf({ groups: [name] })).toBeUndefined();
    expect(roleOf({ groups: ['viewer', name] })).toBe('viewer');
    expect(roleOf({ groups: [name], verified: [name] })).toBeUndefined();
  });

  it('P2: is in any groups but ours, whatever their names', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('x admin', 'admin approver', '[admin', 'admin]', ',admin'));
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const others = names.filter((one) => !(ROLES as readonly string[]).includes(one));
        expect(roleOf({ groups: others })).toBeUndefined();
        expect(roleOf({ groups: others, verified: others })).toBeUndefined();
      }),
    );
  });

  it('P3: states other groups in the token than were verified', () => {
    expect(roleOf({ groups: ['admin'], verified: '[viewer]' })).toBeUndefined();
    expect(roleOf({ groups: ['admin'], verified: '' })).toBeUndefined();
    expect(roleOf({ groups: ['admin'], verified: '[admin viewer]' })).toBeUndefined();
    expect(roleOf({ groups: undefined, verified: '[admin]' })).toBeUndefined();
    expect(roleOf({ groups: ['viewer'], verified: ['viewer'] })).toBe('viewer');
  });
});

describe('the sign-in as it is deployed', () => {
  let prod: SynthesizedTemplate;
  let local: SynthesizedTemplate;
  const only = (template: SynthesizedTemplate, type: string) => {
    const found = resourcesOf(template, type);
    expect(found).toHaveLength(1);
    return found[0]?.[1].Properties ?? {};
  };

  beforeAll(() => {
    prod = synthesize('prod');
    local = synthesize('local');
  });

  it('P4: is entered by a sign-up, a hosted page, another provider or an alias', () => {
    for (const template of [prod, local]) {
      const pool = only(template, 'AWS::Cognito::UserPool');
      expect(pool.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: true });
      expect(pool.AliasAttributes).toBeUndefined();
      expect(pool.UsernameAttributes).toBeUndefined();
      expect(pool.UsernameConfiguration).toEqual({ CaseSensitive: false });
      expect(only(template, 'AWS::Cognito::UserPoolClient')).toMatchObject({
        AllowedOAuthFlowsUserPoolClient: false,
        SupportedIdentityProviders: ['COGNITO'],
      });
      for (const type of ['UserPoolDomain', 'UserPoolIdentityProvider', 'IdentityPool']) {
        expect(resourcesOf(template, `AWS::Cognito::${type}`)).toEqual([]);
      }
    }
  });

  it('P5: is entered with a stolen password', () => {
    const pool = only(prod, 'AWS::Cognito::UserPool');
    expect(pool).toMatchObject({ MfaConfiguration: 'ON', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] });
    expect(only(local, 'AWS::Cognito::UserPool')).toMatchObject({ MfaConfiguration: 'OPTIONAL' });
    const client = only(prod, 'AWS::Cognito::UserPoolClient');
    expect(client.ExplicitAuthFlows).toEqual(['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);
    expect(client.PreventUserExistenceErrors).toBe('ENABLED');
  });

  it('P6: is used with a stolen token after the day', () => {
    expect(only(prod, 'AWS::Cognito::UserPoolClient')).toMatchObject({
      AccessTokenValidity: 60,
      RefreshTokenValidity: 480,
      TokenValidityUnits: { AccessToken: 'minutes', RefreshToken: 'minutes' },
      EnableTokenRevocation: true,
    });
  });

  it('P7: is passed by on a route', () => {
    const routes = resourcesOf(prod, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
    const keysWith = (type: string) =>
      routes.filter(({ AuthorizationType }) => AuthorizationType === type).map(({ RouteKey }) => RouteKey);
    const keysOf = (role: string) =>
      Object.values(ROUTES).flatMap((route) => (route.role === role ? [`${route.method} ${route.path}`] : []));
    expect(keysWith('NONE').toSorted()).toEqual(keysOf('public').toSorted());
    // An operator signs in the place of a token.
    expect(keysWith('AWS_IAM').toSorted()).toEqual(keysOf('operator').toSorted());
    expect(keysWith('JWT')).toHaveLength(routes.length - keysOf('public').length - keysOf('operator').length);
    const { JwtConfiguration } = only(prod, 'AWS::ApiGatewayV2::Authorizer');
    expect(JwtConfiguration).toMatchObject({ Audience: [{ Ref: expect.stringMatching(/^ApiClient/) }] });
  });
});

describe('a console that its user has left', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('P8: is used by another after 15 minutes, at the open page or in a restored tab', () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-11T00:00:00Z') });
    const items = new Map<string, string>();
    const storage = {
      getItem: (name: string) => items.get(name) ?? null,
      setItem: (name: string, value: string) => void items.set(name, value),
    };
    const onIdle = vi.fn();
    noteAct(storage);
    watchIdle({ page: new EventTarget(), storage, onIdle });
    vi.advanceTimersByTime(15 * 60_000);
    expect(onIdle).toHaveBeenCalledOnce();
    expect(isIdle(storage)).toBe(true);
  });
});
