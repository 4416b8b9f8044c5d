import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { CONTROL_KEYS, INCIDENT_KEYS, NO_VERSION_1 } from '../adapters/dynamodb/table-layouts.ts';
import { bug } from '../core/fault.ts';
import { API_ENVIRONMENT, NO_EDGE } from '../functions/api/environment.ts';
import { type Door, doorOf, ROUTES } from '../functions/api/operations.ts';
import { caseIndexArns, removalOf } from './history-table.ts';
import type { Jobs } from './jobs.ts';
import { KEY_FOR_TABLE_READS, KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { accessLogGroup } from './log-group.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import type { StageSettings } from './settings.ts';
import { consoleClient, userPool } from './sign-in.ts';

interface ApiProps {
  readonly context: FunctionContext;
  readonly key: IKey;
  readonly charges: TableV2;
  readonly cases: TableV2;
  readonly incidents: TableV2;
  readonly controls: TableV2;
  readonly version1Windows: TableV2 | undefined;
  readonly jobs: Jobs;
  /** Makes the MACs of approvals. */
  readonly approvalKey: IKey;
}

/** The lists in which a payer's cases are found. */
const PUBLIC_INDEXES = ['byCase', 'byStatus', 'byDeadline', 'byMerchant', 'byPayer', 'byOrder', 'byCharge'] as const;
/** API Gateway answers within 30 s; a function that is asked must be done before. */
const TIMEOUT_S = 25;

/** The compliance API: what is answered without a token, what compliance may see, and what approvers decide. */
export class Api extends Construct {
  readonly http: HttpApi;
  readonly people: UserPool;
  readonly client: UserPoolClient;
  /** Each with a role of its own: what one cannot do, none of its requests can. */
  readonly functions: { readonly [door in Door]: OnechargeFunction<string> };
  readonly payerLinkSecret: Secret;
  /** Undefined where the stage has no edge. */
  readonly edgeSecret: Secret | undefined;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { settings } = props.context;
    this.people = userPool(this, settings);
    this.client = consoleClient(this, { pool: this.people, settings });
    this.payerLinkSecret = payerLinkSecret(this, props);
    this.edgeSecret = settings.hasEdge ? edgeSecret(this, props) : undefined;
    this.functions = {
      public: this.publicFunction(props),
      read: this.readFunction(props),
      decide: this.decideFunction(props),
    };
    this.http = this.httpApi(settings);
  }

  /** Each operation has its route; what is none of them is answered too, for those who are signed in. */
  private httpApi(settings: StageSettings): HttpApi {
    const { functions } = this;
    const integrations = {
      public: new HttpLambdaIntegration('Public', functions.public),
      read: new HttpLambdaIntegration('Read', functions.read),
      decide: new HttpLambdaIntegration('Decide', functions.decide),
    } satisfies { readonly [door in Door]: HttpLambdaIntegration };
    const api = new HttpApi(this, 'Http', {
      apiName: `Onecharge-${settings.stage}`,
      description: 'Onecharge: cases and their refunds',
      createDefaultStage: false,
      defaultAuthorizer: new HttpUserPoolAuthorizer('People', this.people, { userPoolClients: [this.client] }),
      defaultIntegration: integrations.read,
    });
    const stage = new HttpStage(this, 'ApiStage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.api.read.requestsPerSecond, burstLimit: settings.api.read.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogGroup(this, 'AccessLogs', settings)),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    const authorizers: { readonly [role: string]: IHttpRouteAuthorizer } = {
      public: new HttpNoneAuthorizer(),
      operator: new HttpIamAuthorizer(),
    };
    for (const endpoint of Object.values(ROUTES)) {
      const { method, path, role } = endpoint;
      const authorizer = authorizers[role];
      const integration = integrations[doorOf(endpoint)];
      stage.node.addDependency(
        ...api.addRoutes({ path, methods: [HttpMethod[method]], integration, ...(authorizer && { authorizer }) }),
      );
    }
    throttleRoutes(stage, settings);
    return api;
  }

  /** The secrets of a function, with that of the edge. */
  private secretArns(...secrets: readonly Secret[]): readonly string[] {
    return [...secrets, ...(this.edgeSecret === undefined ? [] : [this.edgeSecret])].map(({ secretArn }) => secretArn);
  }

  /** It has no token to check: it reads one payer's cases, and nothing of the stack's settings. */
  private publicFunction({ context, key, charges, cases }: ApiProps) {
    return new OnechargeFunction(this, 'Public', {
      context,
      entry: 'api/public.lambda.ts',
      variables: API_ENVIRONMENT.public,
      environment: {
        CHARGES_TABLE: charges.tableName,
        CASES_TABLE: cases.tableName,
        EDGE_SECRET_ARN: this.edgeSecret?.secretArn ?? NO_EDGE,
        PAYER_LINK_SECRET_ARN: this.payerLinkSecret.secretArn,
      },
      memoryMiB: 512,
      timeoutSeconds: TIMEOUT_S,
      logsAccess: true,
      grants: [
        { actions: ['dynamodb:BatchGetItem'], on: [charges.tableArn, cases.tableArn] },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases, PUBLIC_INDEXES) },
        { actions: ['secretsmanager:GetSecretValue'], on: this.secretArns(this.payerLinkSecret) },
        { actions: KEY_FOR_TABLE_READS, on: [key.keyArn] },
      ],
    });
  }

  private readFunction({ context, key, charges, cases, incidents, controls, version1Windows, jobs }: ApiProps) {
    return new OnechargeFunction(this, 'Read', {
      context,
      entry: 'api/read.lambda.ts',
      variables: API_ENVIRONMENT.read,
      environment: {
        CHARGES_TABLE: charges.tableName,
        CASES_TABLE: cases.tableName,
        EDGE_SECRET_ARN: this.edgeSecret?.secretArn ?? NO_EDGE,
        INCIDENTS_TABLE: incidents.tableName,
        CONTROLS_TABLE: controls.tableName,
        VERSION_1_WINDOWS_TABLE: version1Windows?.tableName ?? NO_VERSION_1,
        JOBS_TABLE: jobs.table.tableName,
        EXPORTS_BUCKET: jobs.exports.bucketName,
        EXPORT_DAYS: String(context.settings.retention.exports),
      },
      memoryMiB: 512,
      timeoutSeconds: TIMEOUT_S,
      logsAccess: true,
      grants: [
        { actions: ['dynamodb:BatchGetItem'], on: [charges.tableArn] },
        { actions: ['dynamodb:GetItem'], on: [controls.tableArn, jobs.table.tableArn] },
        { actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], on: [cases.tableArn] },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases) },
        { actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], on: [incidents.tableArn] },
        // A link to an export may do what its maker may.
        { actions: ['s3:GetObject'], on: [jobs.exports.arnForObjects('*')] },
        ...(this.edgeSecret === undefined
          ? []
          : [{ actions: ['secretsmanager:GetSecretValue'], on: this.secretArns() }]),
        { actions: KEY_FOR_TABLE_READS, on: [key.keyArn] },
      ],
    });
  }

  /** Alone of the API it writes, and makes approvals. */
  private decideFunction(props: ApiProps) {
    const { context, key, approvalKey, charges, cases, incidents, controls, version1Windows, jobs } = props;
    return new OnechargeFunction(this, 'Decide', {
      context,
      entry: 'api/decide.lambda.ts',
      variables: API_ENVIRONMENT.decide,
      environment: {
        CHARGES_TABLE: charges.tableName,
        CASES_TABLE: cases.tableName,
        EDGE_SECRET_ARN: this.edgeSecret?.secretArn ?? NO_EDGE,
        INCIDENTS_TABLE: incidents.tableName,
        CONTROLS_TABLE: controls.tableName,
        VERSION_1_WINDOWS_TABLE: version1Windows?.tableName ?? NO_VERSION_1,
        JOBS_TABLE: jobs.table.tableName,
        PAYER_LINK_SECRET_ARN: this.payerLinkSecret.secretArn,
        APPROVAL_KEY_ARN: approvalKey.keyArn,
        USER_POOL_ID: this.people.userPoolId,
      },
      memoryMiB: 512,
      timeoutSeconds: TIMEOUT_S,
      logsAccess: true,
      grants: [
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], on: [charges.tableArn] },
        { actions: ['dynamodb:GetItem'], on: [controls.tableArn] },
        {
          actions: ['dynamodb:PutItem'],
          on: [controls.tableArn],
          keys: [...CONTROL_KEYS.freezes, ...CONTROL_KEYS.raises],
        },
        {
          actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
          on: [controls.tableArn],
          keys: CONTROL_KEYS.approvers,
        },
        { actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], on: [jobs.table.tableArn] },
        {
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
          on: [cases.tableArn],
        },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases, ['byStatus']) },
        { actions: ['dynamodb:GetItem'], on: [incidents.tableArn] },
        { actions: ['dynamodb:PutItem'], on: [incidents.tableArn], keys: Object.values(INCIDENT_KEYS).flat() },
        { actions: ['secretsmanager:GetSecretValue'], on: this.secretArns(this.payerLinkSecret) },
        { actions: ['kms:GenerateMac', 'kms:VerifyMac'], on: [approvalKey.keyArn] },
        { actions: ['cognito-idp:AdminGetUser', 'cognito-idp:AdminListGroupsForUser'], on: [this.people.userPoolArn] },
        { actions: KEY_FOR_TABLE_WRITES, on: [key.keyArn] },
      ],
    });
  }
}

/** Gives each route its function's share of the requests: a flood without tokens leaves decisions their own. */
function throttleRoutes(stage: HttpStage, { api }: StageSettings): void {
  const resource = stage.node.defaultChild;
  if (!(resource instanceof CfnStage)) throw bug('a stage of an HTTP API is one resource');
  resource.routeSettings = Object.fromEntries(
    Object.values(ROUTES).map((endpoint) => {
      const { requestsPerSecond, burst } = api[doorOf(endpoint)];
      return [
        `${endpoint.method} ${endpoint.path}`,
        { ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst },
      ];
    }),
  );
}

/**
 * Signs the links that payers are given. To rotate, put a value with another version: links of the one before go on until
 * the next (docs/payer-status.md).
 */
function payerLinkSecret(scope: Construct, { key, context }: Pick<ApiProps, 'key' | 'context'>): Secret {
  return new Secret(scope, 'PayerLinkSecret', {
    description: 'The key of payer links: who has it can make a link to any payer’s charges',
    encryptionKey: key,
    removalPolicy: removalOf(context.settings),
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ version: '1' }),
      generateStringKey: 'key',
      passwordLength: 64,
      excludePunctuation: true,
    },
  });
}

/** Its value is sent by CloudFront alone. To rotate, put another one and deploy its version (docs/hardening.md). */
function edgeSecret(scope: Construct, { key, context }: Pick<ApiProps, 'key' | 'context'>): Secret {
  return new Secret(scope, 'EdgeSecret', {
    description: 'What CloudFront adds to each request: who has it can reach the API beside the console’s address',
    encryptionKey: key,
    removalPolicy: removalOf(context.settings),
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ version: '1' }),
      generateStringKey: 'key',
      passwordLength: 64,
      excludePunctuation: true,
    },
  });
}

/** Who asked for what and how it ended: no query string, for it may name a payer. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  subject: '$context.authorizer.claims.sub',
  operator: '$context.identity.userArn',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
});
