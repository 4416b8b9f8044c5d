import * as z from 'zod';
import { type AwsIdentity, operatorOf } from '../core/cases/actor.ts';
import { UserError } from '../core/user-error.ts';
import type { Aws } from './aws.ts';
import { LOCAL_ACCOUNT } from './paths.ts';
import { signedHeaders } from './signed-headers.ts';

/** The key of a local run is that of one user, as its API states. */
const LOCAL: AwsIdentity = {
  accountId: LOCAL_ACCOUNT,
  userArn: `arn:aws:iam::${LOCAL_ACCOUNT}:user/local`,
  userId: 'local',
};

/** An identity, and the name under which its acts are stored. */
export interface CallerIdentity extends AwsIdentity {
  readonly operator: string;
}

/**
 * Returns who the AWS credentials of this command are, as `sts:GetCallerIdentity` states it. No right is needed for the question.
 *
 * @throws UserError for an identity that cannot act
 */
export async function callerIdentity(aws: Aws): Promise<CallerIdentity> {
  const identity = aws.endpoint === undefined ? await askSts(aws) : LOCAL;
  const operator = operatorOf(identity);
  if (operator !== undefined) return { ...identity, operator };
  throw new UserError(
    `${identity.userArn} cannot act as an operator. Use an IAM user or a session of a role (docs/hardening.md).`,
  );
}

const answerSchema = z.object({ Arn: z.string(), UserId: z.string(), Account: z.string() });
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

async function askSts({ dynamo }: Aws): Promise<AwsIdentity> {
  const [credentials, region] = await Promise.all([dynamo.config.credentials(), dynamo.config.region()]);
  const url = `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
  const unsigned = {
    url,
    method: 'POST',
    region,
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: BODY,
    nowMs: Date.now(),
  } as const;
  const answer = await fetch(url, { method: 'POST', headers: signedHeaders(credentials, unsigned), body: BODY });
  const text = await answer.text();
  if (!answer.ok) {
    throw new UserError(`AWS does not say who you are (status ${answer.status}). Sign in again, or check AWS_PROFILE.`);
  }
  return identityIn(text);
}

/** Reads the answer of STS, which is XML: each of the three members once, as plain text. */
export function identityIn(xml: string): AwsIdentity {
  const member = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  const read = answerSchema.parse({ Arn: member('Arn'), UserId: member('UserId'), Account: member('Account') });
  return { accountId: read.Account, userArn: read.Arn, userId: read.UserId };
}
