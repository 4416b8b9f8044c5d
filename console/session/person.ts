/** Groups of the user pool; each may do what those before it may. The API decides; the console shows accordingly. */
export type Role = 'viewer' | 'approver' | 'admin';

const RANK: { readonly [role in Role]: number } = { viewer: 0, approver: 1, admin: 2 };

export interface Person {
  /** The subject of the token: what approvals and the audit trail name. */
  readonly subject: string;
  readonly name: string;
  /** Undefined for somebody who is in no group: may see nothing. */
  readonly role: Role | undefined;
}

export interface Claims {
  readonly sub?: unknown;
  readonly username?: unknown;
  readonly 'cognito:groups'?: unknown;
}

/** Who is signed in, by the claims of the access token. */
export function personOf(claims: Claims): Person {
  const groups: readonly unknown[] = Array.isArray(claims['cognito:groups']) ? claims['cognito:groups'] : [];
  const roles = groups.filter(isRole).toSorted((a, b) => RANK[b] - RANK[a]);
  const subject = String(claims.sub ?? '');
  return { subject, name: String(claims.username ?? subject), role: roles[0] };
}

export function mayAct(person: Person, needed: Role): boolean {
  return person.role !== undefined && RANK[person.role] >= RANK[needed];
}

function isRole(group: unknown): group is Role {
  return typeof group === 'string' && Object.hasOwn(RANK, group);
}
