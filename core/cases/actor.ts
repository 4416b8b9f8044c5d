import * as z from 'zod';
import { nameText } from '../events/written-text.ts';

/** Begins the name of a part of Onecharge that acts: `system:sweep`. */
export const SYSTEM_PREFIX = 'system:';
/** Begins the name of an operator, who acts with an AWS identity. */
export const OPERATOR_PREFIX = 'aws:';

/** As AWS states the identity that signed a request: API Gateway and `sts:GetCallerIdentity` have the same three facts. */
export const awsIdentitySchema = z.object({
  accountId: z.string().regex(/^\d{12}$/),
  userArn: z.string(),
  userId: z.string(),
});

export type AwsIdentity = Readonly<z.output<typeof awsIdentitySchema>>;

const ARN = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(.+)$/;
const USER = /^user\/(?:.+\/)?[\w+=,.@-]+$/;
const SESSION = /^assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/;
/** IAM Identity Center alone makes roles of this name, and gives each session the name of its user. */
const IDENTITY_CENTER_ROLE = /^AWSReservedSSO_/;

/**
 * Returns the name under which an operator's acts are stored; undefined for an identity that cannot act. Of two acts that need
 * two operators the names are compared, so none of them is one that its bearer chooses:
 *
 * - A user counts by its id: a new user of an old name is another one.
 * - A session of IAM Identity Center counts by its user, whatever the permission set.
 * - A session of any other role counts as the role: its bearer chooses the session's name.
 * - A federated session has a name that its maker chooses, and the account's root is no operator.
 */
export function operatorOf({ accountId, userArn, userId }: AwsIdentity): string | undefined {
  const [, account, resource = ''] = ARN.exec(userArn) ?? [];
  if (account !== accountId) return undefined;
  if (USER.test(resource)) return named(`${accountId}:user/${userId}`);
  const [, role, session] = SESSION.exec(resource) ?? [];
  if (role === undefined) return undefined;
  return named(IDENTITY_CENTER_ROLE.test(role) ? `${accountId}:sso/${session}` : `${accountId}:role/${role}`);
}

/** A name is stored with each act: a session that is called like a card number does not act. */
function named(identity: string): string | undefined {
  const name = OPERATOR_PREFIX + identity;
  return nameText.safeParse(name).success ? name : undefined;
}

/** Returns true for the names of Onecharge itself and of AWS identities. No token may state one. */
export function isReservedName(name: string): boolean {
  return [SYSTEM_PREFIX, OPERATOR_PREFIX].some((prefix) => name.trim().toLowerCase().startsWith(prefix));
}
