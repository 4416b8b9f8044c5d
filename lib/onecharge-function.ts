import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Construct } from 'constructs';
import { codeSigningOf } from './code-signing.ts';
import { accessLogGroup, logGroup } from './log-group.ts';
import { type PrivateNetwork, placeIn } from './private-network.ts';
import type { StageSettings } from './settings.ts';

const ROOT = join(import.meta.dirname, '..');

/** CommonJS packages in an ESM bundle still call `require`. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** What a function may do, on what. Never a wildcard: the test of the grants refuses it. */
export interface Grant {
  readonly actions: readonly string[];
  readonly on: readonly string[];
  /** Only items whose partition key begins with one of these. */
  readonly keys?: readonly string[];
}

/** What every function of a stage has in common. */
export interface FunctionContext {
  readonly settings: StageSettings;
  /** Absolute path of the validated configuration; a copy lies beside each bundle as `configuration.json`. */
  readonly configurationFile: string;
}

export interface OnechargeFunctionProps<Name extends string> {
  readonly context: FunctionContext;
  /** Below `functions/`, for example `detection/detect.lambda.ts`. */
  readonly entry: string;
  /** The stage's list in `functions/<stage>/environment.ts`: what is set is what the handler reads, by type. */
  readonly variables: readonly Name[];
  readonly environment: { readonly [name in NoInfer<Name>]: string };
  readonly grants: readonly Grant[];
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** At most so many run at a time, and so many always can: reserved from the account's concurrency. */
  readonly concurrencyMax?: number;
  /** Runs within this network, and can send where that allows it. */
  readonly network?: PrivateNetwork | undefined;
  /** Its log says who asked the API for what. */
  readonly logsAccess?: true;
}

/**
 * A handler, bundled, with a role that may do what its grants say and write its own logs and traces. The AWS SDK is
 * part of the bundle: what runs is what was tested, not what the runtime happens to carry.
 */
export class OnechargeFunction<Name extends string> extends NodejsFunction {
  constructor(scope: Construct, id: string, props: OnechargeFunctionProps<Name>) {
    const { settings, configurationFile } = props.context;
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logs = (props.logsAccess ? accessLogGroup : logGroup)(scope, `${id}Logs`, settings);
    logs.grantWrite(role);
    const environment: Record<string, string> = {
      NODE_OPTIONS: '--enable-source-maps',
      POWERTOOLS_SERVICE_NAME: 'onecharge',
      POWERTOOLS_METRICS_NAMESPACE: 'Onecharge',
    };
    for (const name of props.variables) environment[name] = props.environment[name];
    const codeSigningConfig = codeSigningOf(scope, settings);
    super(scope, id, {
      entry: join(ROOT, 'functions', props.entry),
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role,
      logGroup: logs,
      ...(codeSigningConfig !== undefined && { codeSigningConfig }),
      ...(props.network !== undefined && placeIn(props.network, role)),
      tracing: Tracing.ACTIVE,
      memorySize: props.memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.concurrencyMax !== undefined && { reservedConcurrentExecutions: props.concurrencyMax }),
      environment,
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        mainFields: ['module', 'main'],
        banner: REQUIRE_BANNER,
        minify: true,
        // Error names are answers: retries and alarms tell faults apart by them.
        keepNames: true,
        sourceMap: true,
        sourcesContent: false,
        bundleAwsSDK: true,
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (_input, output) => [`cp "${configurationFile}" "${output}/configuration.json"`],
        },
      },
    });
    for (const grant of props.grants) this.allow(grant);
  }

  allow({ actions, on, keys }: Grant): void {
    const conditions = keys && {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys.map((prefix) => `${prefix}*`) },
    };
    this.addToRolePolicy(
      new PolicyStatement({ actions: [...actions], resources: [...on], ...(conditions && { conditions }) }),
    );
  }
}
