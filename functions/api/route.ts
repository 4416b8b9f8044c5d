import * as z from 'zod';
import type { JobId, Ms } from '../../core/brands.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { PlainDigests } from '../../core/detection/fingerprint.ts';
import type { SuspensionStore } from '../../core/detection/suspensions.ts';
import { cardNumberProblems } from '../../core/events/typed-tokens.ts';
import { bug } from '../../core/fault.ts';
import type { IncidentStore } from '../../core/incidents/incident-store.ts';
import type { JobStore } from '../../core/jobs/job-store.ts';
import type { FileLink } from '../../core/jobs/job-view.ts';
import type { ExportFormat } from '../../core/jobs/task.ts';
import type { FindContext } from '../../core/queries/find-cases.ts';
import type { FindPayerContext } from '../../core/queries/find-payer-status.ts';
import type { WaitingContext } from '../../core/queries/find-waiting.ts';
import type { OverviewContext } from '../../core/queries/overview.ts';
import type { LinkKeys } from '../../core/queries/payer-link.ts';
import type { ProblemCode } from '../../core/queries/problem-code.ts';
import type { View } from '../../core/queries/view-schema.ts';
import type { ApproverSums } from '../../core/refunds/approver-sums.ts';
import type { CapRaise, CapRaiseStore } from '../../core/refunds/cap-raise.ts';
import type { RecordsContext } from '../../core/refunds/change-record.ts';
import type { ApprovalContext } from '../../core/refunds/decide-hold.ts';
import type { FreezeStore } from '../../core/refunds/freeze.ts';
import type { Users } from '../../core/users.ts';
import { type Caller, isIn, type OperatorCaller } from './caller.ts';
import { requireRoleNow } from './live-role.ts';
import type { Role } from './operations.ts';
import { Problem } from './problem.ts';

/** What `public` works with: it answers without a token, so it has nothing that it does not need. */
export interface PublicContext extends FindPayerContext {
  readonly linkKeys: Pick<LinkKeys, 'linkKeyOf'>;
}

/** What `read` works with: it writes nothing. */
export interface ReadContext extends FindPayerContext, FindContext, WaitingContext, OverviewContext {
  readonly configuration: Configuration;
  readonly configurationHash: string;
  readonly detectorsSince: RecordsContext['detectorsSince'];
  readonly cases: Pick<
    CaseStore,
    | 'readFlags'
    | 'readCase'
    | 'flagsOf'
    | 'auditOf'
    | 'commentsOf'
    | 'listCases'
    | 'waitingFlags'
    | 'countFlags'
    | 'flagsByStatus'
  >;
  readonly digests: PlainDigests;
  readonly incidents: Pick<
    IncidentStore,
    'readIncident' | 'listIncidents' | 'chargesProcessedSince' | 'unfinishedIncidents' | 'membersOf'
  >;
  readonly raises: Pick<CapRaiseStore, 'raisesIn'>;
  readonly jobs: Pick<JobStore, 'readJob' | 'waitingOrder'>;
  /** For how many days the file of an export is kept. */
  readonly exportDays: number;
  /** Makes an address of its own each time it is asked for. */
  readonly linkToExport: (jobId: JobId, format: ExportFormat) => Promise<FileLink>;
}

/** What `decide` works with: alone of all functions it makes approvals. */
export interface DecideContext extends RecordsContext, ApprovalContext {
  readonly configuration: Configuration;
  readonly cases: RecordsContext['cases'] & Pick<CaseStore, 'auditOf' | 'commentsOf' | 'addComment' | 'flagsByStatus'>;
  readonly digests: PlainDigests;
  readonly incidents: Pick<IncidentStore, 'readIncident'>;
  readonly freezes: Omit<FreezeStore, 'isFrozen'>;
  readonly raises: CapRaiseStore;
  readonly suspensions: Pick<SuspensionStore, 'restore'>;
  /** Notifies operators of a raise that was requested or confirmed. */
  readonly noteCapRaise: (raise: CapRaise) => void;
  readonly jobs: Pick<JobStore, 'createJob' | 'readJob' | 'saveJob'>;
  readonly approverSums: ApproverSums;
  readonly linkKeys: Pick<LinkKeys, 'currentKey'>;
  /** Each act asks who the caller is now: a token lasts an hour. */
  readonly users: Users;
}

export type ApiContext = PublicContext & ReadContext & DecideContext;

/** A request before its parts are looked at. */
export interface RawRequest {
  readonly path: unknown;
  readonly query: unknown;
  /** Reads the body, which only routes that take one do. */
  readonly body: () => unknown;
  /** The caller by the token or the signature; absent on public routes. */
  readonly caller?: TokenCaller | OperatorCaller | undefined;
}

/** The caller as the token states it, with the role that the operation needs, which the token has. */
export interface TokenCaller extends Caller {
  readonly kind: 'user';
  readonly needs: Role;
}

export interface RouteCaller {
  /** The subject of the token, or the name of the operator. */
  readonly by: string;
  readonly isAdmin: boolean;
  /** When the user signed in, where the token states it. An operator's credentials sign each request. */
  readonly signedInMs: Ms | 'signs-each' | undefined;
}

export interface Reply<Status extends number = number, Body = unknown> {
  readonly status: Status;
  readonly body: Body;
}

export function reply<const Status extends number, Body>(status: Status, body: Body): Reply<Status, Body> {
  return { status, body };
}

/** One operation: what it takes, what it may answer, and how it answers. */
export interface Route<Context = never> {
  readonly summary: string;
  readonly path: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body?: z.ZodType;
  /** By status; each schema is one that the API's description names. */
  readonly answers: { readonly [status: number]: z.ZodType };
  /** The problems that the operation answers with, besides those that every route like it has. */
  readonly problems: readonly ProblemCode[];
  readonly answer: (request: RawRequest, context: Context) => Promise<Reply>;
}

type ReplyOf<Answers> = {
  readonly [Status in keyof Answers & number]: Answers[Status] extends z.ZodType
    ? Reply<Status, View<Answers[Status]>>
    : never;
}[keyof Answers & number];

interface Asked<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly path: z.output<Path>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
}

interface Spec<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType, Answers, Request, Context> {
  readonly summary: string;
  readonly path?: Path;
  readonly query?: Query;
  readonly body?: Body;
  readonly answers: Answers;
  readonly problems?: readonly ProblemCode[];
  readonly handle: (request: Request, context: Context) => Promise<ReplyOf<Answers>>;
}

type Answers = { readonly [status: number]: z.ZodType };
type Nothing = typeof NOTHING;

/** An unknown parameter is refused: a filter that is misspelt must not look like an answer. */
const NOTHING = z.strictObject({});

/**
 * A route that needs a token, of the function `read`: its handler gets the caller. No token in the request has a card number,
 * unless a source has registered its format.
 */
export const readRoute = withCaller<ReadContext>(async (caller) => {
  if (caller.kind === 'operator') throw bug('no operation of operators is read-only');
  return userCaller(caller, caller.groups);
});
/** A route of the function `decide`: its handler gets the caller, an operator or a user who has the role now too. */
export const decideRoute = withCaller<DecideContext>(async (caller, { users }) => {
  if (caller.kind === 'operator') return { by: caller.subject, isAdmin: false, signedInMs: 'signs-each' };
  return userCaller(caller, await requireRoleNow(caller, caller.needs, users));
});

/** An admin is one by the token and by the groups that count. */
function userCaller(caller: TokenCaller, groups: readonly string[]): RouteCaller {
  const isAdmin = isIn(caller, 'admin') && isIn({ groups }, 'admin');
  return { by: caller.subject, isAdmin, signedInMs: caller.signedInMs };
}

function withCaller<Context extends { readonly configuration: Pick<Configuration, 'sources'> }>(
  admit: (caller: TokenCaller | OperatorCaller, context: Context) => Promise<RouteCaller>,
) {
  return <
    const Replies extends Answers,
    Path extends z.ZodObject = Nothing,
    Query extends z.ZodObject = Nothing,
    Body extends z.ZodType = z.ZodUndefined,
  >(
    spec: Spec<Path, Query, Body, Replies, Asked<Path, Query, Body> & RouteCaller, Context>,
  ): Route<Context> =>
    built(spec, async ({ caller }, context) => {
      if (caller === undefined) throw bug('the route is public in operations.ts, and wants to know the caller');
      const admitted = await admit(caller, context);
      return (asked) => {
        const problems = cardNumberProblems({ ...asked.query, ...(asked.body ?? {}) }, context.configuration);
        if (problems.length > 0) throw new Problem('input-invalid', problems.join('; '));
        return { ...asked, ...admitted };
      };
    });
}

/** A route that needs no token. */
export function publicRoute<
  const Replies extends Answers,
  Path extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: Spec<Path, Query, Body, Replies, Asked<Path, Query, Body>, PublicContext>): Route<PublicContext> {
  return built(spec, async () => (asked) => asked);
}

function built<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Replies extends Answers,
  Request,
  Context,
>(
  spec: Spec<Path, Query, Body, Replies, Request, Context>,
  admit: (raw: RawRequest, context: Context) => Promise<(asked: Asked<Path, Query, Body>) => Request>,
): Route<Context> {
  const { summary, path = NOTHING, query = NOTHING, body, answers, problems = [], handle } = spec;
  return {
    summary,
    path,
    query,
    ...(body !== undefined && { body }),
    answers,
    problems,
    answer: async (raw, context) => {
      const requestOf = await admit(raw, context);
      const asked = {
        path: parsed(path, raw.path, 'id-malformed'),
        query: parsed(query, raw.query, 'input-invalid'),
        body: body === undefined ? undefined : parsed(body, raw.body(), 'input-invalid'),
      };
      // What was left out of the spec is parsed by the schema that stands for nothing: the types follow the schemas.
      return handle(requestOf(asked as Asked<Path, Query, Body>), context);
    },
  };
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, code: ProblemCode): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => (path.length > 0 ? `${path.join('.')}: ` : '') + message,
  );
  throw new Problem(code, problems.join('; '));
}
