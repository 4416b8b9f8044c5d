import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import type { CaseId, IncidentId } from '../../core/brands.ts';
import { PROBLEM_CODES, type ProblemCode } from '../../core/queries/problem-code.ts';
import { named } from '../../core/queries/view-schema.ts';

/** The status of each code, and when it is answered. docs/api.md has the same table. */
export const PROBLEMS: { readonly [code in ProblemCode]: { readonly status: number; readonly when: string } } = {
  'input-invalid': { status: 400, when: 'a parameter or the body is not as described' },
  'body-not-json': { status: 400, when: 'the body is not JSON, or contains half a character' },
  'body-too-large': { status: 413, when: 'the body is longer than 16 KiB' },
  'bad-cursor': { status: 400, when: 'the cursor belongs to another query, or to none' },
  'filters-contradict': { status: 400, when: 'the parameters do not go together' },
  'range-invalid': { status: 400, when: 'the range of times is too long, too fine, or empty' },
  'question-incomplete': { status: 400, when: 'the question names neither an order nor a charge' },
  'several-payers': {
    status: 409,
    when: 'more than one payer paid it: name the payer and the source, or ask by source and charge',
  },
  'direct-request': { status: 403, when: 'the request came to the API’s own address, not through the console’s' },
  'subject-missing': { status: 401, when: 'the token or the signature names no subject that can act' },
  'role-needed': { status: 403, when: 'the token lacks the role, or the user lost it since' },
  'role-unknown': { status: 503, when: 'the user pool does not answer, so the role of now is unknown: try again' },
  'sign-in-again': { status: 401, when: 'the act needs a sign-in of the last 15 minutes: sign in again and repeat it' },
  'own-flag': { status: 403, when: 'the caller raised the flag: another approver must decide' },
  'path-unknown': { status: 404, when: 'the API has no such path' },
  'method-unknown': { status: 405, when: 'the path does not take this method' },
  'id-malformed': { status: 404, when: 'nothing can have such an id' },
  'case-not-found': { status: 404, when: 'there is no case of this id' },
  'flag-not-found': { status: 404, when: 'there is no flag of this id' },
  'incident-not-found': { status: 404, when: 'there is no incident of this id' },
  'job-not-found': { status: 404, when: 'there is no job of this id, or it is of another caller' },
  'not-held': { status: 409, when: 'the flag does not wait for an approval' },
  'too-late': { status: 409, when: 'a refund of the charge is running or done' },
  unreconciled: { status: 409, when: 'the flag does not match the processor’s refund report' },
  'no-gateway': { status: 409, when: 'the source of the charge has no gateway: no money can go back' },
  'not-refunded': { status: 409, when: 'we did not refund the charge, or another approver stated the error first' },
  'comments-full': { status: 409, when: 'the case has as many comments as it may' },
  'not-migrated': { status: 409, when: 'the charges of version 1 are not migrated: run `onecharge migrate`' },
  'raise-refused': { status: 409, when: 'the cap cannot be raised so: the detail says why' },
  'raise-not-found': { status: 404, when: 'there is no raise of this id, or it has ended' },
  'own-raise': { status: 403, when: 'the caller asked for the raise: another approver must confirm it' },
  'thaw-not-found': { status: 404, when: 'there is no request of this id to end a freeze' },
  'own-thaw': { status: 403, when: 'the caller asked for the thaw: another operator must confirm it' },
  'thaw-over': { status: 409, when: 'the request is over: a day has passed, or refunds were frozen anew' },
  'own-order': { status: 403, when: 'the caller gave the order: another approver must confirm it' },
  'order-closed': { status: 409, when: 'the order was confirmed, or no second approver came within 24 hours' },
  'link-unknown': { status: 401, when: 'the link is not ours' },
  'link-withdrawn': { status: 403, when: 'the link was withdrawn' },
  'link-expired': { status: 410, when: 'the link has expired' },
  'internal-error': { status: 500, when: 'the service failed' },
};

/** A problem of the caller's, as RFC 9457 describes it: with the code as an extension member. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  /** The detail says what happened, then what to do. */
  constructor(code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.headers = headers;
  }
}

export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(PROBLEM_CODES),
    detail: z.string(),
  })
  .register(named, { id: 'Problem' });

export function problemDetails({ code, message, headers }: Problem): APIGatewayProxyStructuredResultV2 {
  const { status } = PROBLEMS[code];
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    statusCode: status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title, status, code, detail: message }),
  };
}

export function caseNotFound(id: CaseId): Problem {
  return new Problem('case-not-found', `There is no case ${id}. List them with GET /cases.`);
}

export function incidentNotFound(id: IncidentId): Problem {
  return new Problem('incident-not-found', `There is no incident ${id}. List them with GET /incidents.`);
}
