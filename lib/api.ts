import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Mfa, UserPool, UserPoolClient, UserPoolGroup } from 'aws-cdk-lib/aws-cognito';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { CONTROL_KEYS, NO_VERSION_1 } from '../adapters/dynamodb/table-layouts.ts';
import { API_ENVIRONMENT } from '../functions/api/environment.ts';
import { ROUTES, type Role } from '../functions/api/operations.ts';
import { caseIndexArns, removalOf } from './history-table.ts';
import type { Jobs } from './jobs.ts';
import { KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { logGroup } from './log-group.ts';
import { type FunctionContext, OnechargeFunction } from './onecharge-function.ts';
import type { StageSettings } from './settings.ts';

const GROUPS: { readonly [role in Role]: string } = {
  viewer: 'May read cases, flags and their audit',
  approver: 'May approve refunds that wait, and keep charges',
  admin: 'May freeze and thaw refunds, and see the jobs of everybody',
};

interface ApiProps {
  readonly context: FunctionContext;
  readonly key: IKey;
  readonly charges: TableV2;
  readonly cases: TableV2;
  readonly incidents: TableV2;
  readonly controls: TableV2;
  readonly version1Windows: TableV2 | undefined;
  readonly jobs: Jobs;
}

/** The compliance API: what people may see, and the two decisions that are theirs. */
export class Api extends Construct {
  readonly http: HttpApi;
  readonly people: UserPool;
  readonly client: UserPoolClient;
  readonly handler: OnechargeFunction<string>;
  readonly payerLinkSecret: Secret;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { settings } = props.context;
    this.people = this.userPool(settings);
    this.client = new UserPoolClient(this, 'Client', {
      userPool: this.people,
      authFlows: { userSrp: true, userPassword: settings.passwordSignIn },
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
    });
    this.payerLinkSecret = payerLinkSecret(this, props);
    this.handler = this.handlerFunction(props);
    this.http = this.httpApi(settings);
  }

  private userPool(settings: StageSettings): UserPool {
    const pool = new UserPool(this, 'People', {
      selfSignUpEnabled: false,
      signInAliases: { username: true },
      signInCaseSensitive: false,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: settings.keepsHistory,
      removalPolicy: removalOf(settings),
    });
    for (const [groupName, description] of Object.entries(GROUPS)) {
      new UserPoolGroup(this, `Group-${groupName}`, { userPool: pool, groupName, description });
    }
    return pool;
  }

  /** Each operation has its route; what is none of them is answered too, for those who are signed in. */
  private httpApi(settings: StageSettings): HttpApi {
    const integration = new HttpLambdaIntegration('Handler', this.handler);
    const api = new HttpApi(this, 'Http', {
      apiName: `Onecharge-${settings.stage}`,
      description: 'Onecharge: cases and their refunds',
      createDefaultStage: false,
      defaultAuthorizer: new HttpUserPoolAuthorizer('People', this.people, { userPoolClients: [this.client] }),
      defaultIntegration: integration,
    });
    new HttpStage(this, 'ApiStage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.api.requestsPerSecond, burstLimit: settings.api.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup(this, 'AccessLogs', settings)),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    for (const { method, path, role } of Object.values(ROUTES)) {
      const open = role === 'public' && { authorizer: new HttpNoneAuthorizer() };
      api.addRoutes({ path, methods: [HttpMethod[method]], integration, ...open });
    }
    return api;
  }

  private handlerFunction({ context, key, charges, cases, incidents, controls, version1Windows, jobs }: ApiProps) {
    const readWrite = ['dynamodb:GetItem', 'dynamodb:PutItem'];
    return new OnechargeFunction(this, 'Answer', {
      context,
      entry: 'api/answer.lambda.ts',
      variables: API_ENVIRONMENT,
      environment: {
        CHARGES_TABLE: charges.tableName,
        CASES_TABLE: cases.tableName,
        INCIDENTS_TABLE: incidents.tableName,
        CONTROLS_TABLE: controls.tableName,
        VERSION_1_WINDOWS_TABLE: version1Windows?.tableName ?? NO_VERSION_1,
        JOBS_TABLE: jobs.table.tableName,
        EXPORTS_BUCKET: jobs.exports.bucketName,
        PAYER_LINK_SECRET_ARN: this.payerLinkSecret.secretArn,
      },
      memoryMiB: 512,
      timeoutSeconds: 25,
      grants: [
        { actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], on: [charges.tableArn] },
        { actions: ['dynamodb:GetItem'], on: [controls.tableArn] },
        {
          actions: ['dynamodb:PutItem'],
          on: [controls.tableArn],
          keys: [...CONTROL_KEYS.freezes, ...CONTROL_KEYS.raises],
        },
        { actions: readWrite, on: [jobs.table.tableArn] },
        { actions: [...readWrite, 'dynamodb:BatchGetItem', 'dynamodb:Query'], on: [cases.tableArn] },
        { actions: ['dynamodb:Query'], on: caseIndexArns(cases) },
        { actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], on: [incidents.tableArn] },
        // A link to an export may do what its maker may.
        { actions: ['s3:GetObject'], on: [jobs.exports.arnForObjects('*')] },
        { actions: ['secretsmanager:GetSecretValue'], on: [this.payerLinkSecret.secretArn] },
        { actions: KEY_FOR_TABLE_WRITES, on: [key.keyArn] },
      ],
    });
  }
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

/** Who asked for what and how it ended: no query string, for it may name a payer. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  subject: '$context.authorizer.claims.sub',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
});
