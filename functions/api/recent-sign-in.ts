import type { FlagId, Ms } from '../../core/brands.ts';
import { MINUTE_MS, SECOND_MS } from '../../core/clock-units.ts';
import { needsTwo } from '../../core/refunds/policy.ts';
import { Problem } from './problem.ts';
import type { DecideContext, RouteCaller } from './route.ts';

/** As long as the console's idle end: a longer pause asks for the sign-in anyway. */
const AGE_MS_MAX = 15 * MINUTE_MS;

type SignedIn = Pick<RouteCaller, 'signedInMs'>;

/**
 * Requires a sign-in of the last 15 minutes, for acts that can move much money. A refresh of the token is none; an operator signs each request. The challenge is
 * that of RFC 9470 (OAuth 2.0 Step Up Authentication Challenge Protocol), section 3.
 */
export function requireRecentSignIn({ signedInMs }: SignedIn, nowMs: Ms): void {
  if (signedInMs === 'signs-each') return;
  if (signedInMs !== undefined && Math.abs(nowMs - signedInMs) <= AGE_MS_MAX) return;
  throw new Problem(
    'sign-in-again',
    'This act needs a sign-in of the last 15 minutes; a refreshed token is none. Sign in again, then repeat the act.',
    {
      'www-authenticate': `Bearer error="insufficient_user_authentication", error_description="A recent sign-in is required", max_age="${AGE_MS_MAX / SECOND_MS}"`,
    },
  );
}

/** Requires it where the flag's amount takes two approvers. An unknown flag has no amount: the act itself refuses it. */
export async function requireRecentSignInFor(
  flagId: FlagId,
  caller: SignedIn,
  { cases, configuration, nowMs }: Pick<DecideContext, 'cases' | 'configuration' | 'nowMs'>,
): Promise<void> {
  const [flag] = await cases.readFlags([flagId]);
  if (flag !== undefined && needsTwo(flag, configuration)) requireRecentSignIn(caller, nowMs());
}
