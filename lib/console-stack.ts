import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  CfnOutput,
  DockerImage,
  Duration,
  Fn,
  RemovalPolicy,
  SecretValue,
  Stack,
  type StackProps,
  Tags,
} from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Function as CloudFrontFunction,
  Distribution,
  FunctionCode,
  FunctionEventType,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { API_PREFIX, type ConsoleSettings, securityHeaders } from '../console/hosting.ts';
import { bug } from '../core/fault.ts';
import { EDGE_HEADER, VIEWER_HEADER } from '../functions/api/operations.ts';
import { accessLogsOf } from './access-logs.ts';
import { oldVersionsExpire } from './old-versions.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import type { StageSettings } from './settings.ts';

export interface ConsoleStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly service: ServiceAddresses;
  readonly webAclArn: string;
  /** The version of the edge's secret that CloudFront sends; without one it is the current one. */
  readonly edgeSecretVersion: string | undefined;
}

/** A path without an extension is a page of the console's own. The API's paths do not come here: its errors stay its own. */
export const PAGES_CODE = `
function handler(event) {
  var request = event.request;
  if (!/\\.\\w+$/.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/** The API knows nothing of the prefix under which the console reaches it, and sees no address but CloudFront's. */
export const API_CODE = `
function handler(event) {
  var request = event.request;
  request.uri = request.uri.slice(${API_PREFIX.length});
  request.headers['${VIEWER_HEADER}'] = { value: event.viewer.ip };
  return request;
}`;

const CONSOLE = join(import.meta.dirname, '..', 'console');
const VITE = join(import.meta.dirname, '..', 'node_modules', 'vite', 'bin', 'vite.js');

/**
 * The console's hosting: files in a private bucket behind CloudFront, which hands `/api/*` on to the compliance API, so
 * that both are one origin. A stack of its own, because an emulator knows too little of CloudFront to deploy it.
 */
export class ConsoleStack extends Stack {
  readonly distributionArn: string;

  constructor(scope: Construct, id: string, props: ConsoleStackProps) {
    const { settings, service, webAclArn, edgeSecretVersion, ...stackProps } = props;
    super(scope, id, { description: 'Onecharge: the console', ...stackProps });
    Tags.of(this).add('service', 'onecharge');
    // Built files alone: what is in it can be built again.
    // A cast, for the library's own class and interface contradict each other under exactOptionalPropertyTypes.
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [oldVersionsExpire(settings)],
      serverAccessLogsBucket: accessLogsOf(this, settings),
      serverAccessLogsPrefix: 'files/',
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    }) as IBucket;
    const distribution = this.distribution(bucket, props);
    this.distributionArn = distribution.distributionArn;
    this.put({ bucket, distribution, settings, service });
    // A domain's name is made to lead to the other address by an alias record.
    const { domain = distribution.distributionDomainName } = settings.console ?? {};
    new CfnOutput(this, 'ConsoleUrl', { value: `https://${domain}` });
    new CfnOutput(this, 'DistributionDomainName', { value: distribution.distributionDomainName });
  }

  private distribution(bucket: IBucket, props: ConsoleStackProps): Distribution {
    const responseHeadersPolicy = this.headers();
    const viewerProtocolPolicy = ViewerProtocolPolicy.REDIRECT_TO_HTTPS;
    const shared = { responseHeadersPolicy, viewerProtocolPolicy, compress: true };
    return new Distribution(this, 'Distribution', {
      comment: 'Onecharge: console and its API',
      httpVersion: HttpVersion.HTTP2_AND_3,
      webAclId: props.webAclArn,
      ...this.domain(props.settings),
      defaultBehavior: {
        ...shared,
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        functionAssociations: [this.rewrites('Pages', PAGES_CODE)],
      },
      additionalBehaviors: {
        [`${API_PREFIX}/*`]: {
          ...shared,
          origin: new HttpOrigin(Fn.select(2, Fn.split('/', props.service.apiUrl)), {
            originSslProtocols: [OriginSslPolicy.TLS_V1_2],
            customHeaders: edgeHeader(props),
          }),
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // With the token, without the host: the API's gateway knows itself by its own name alone.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          functionAssociations: [this.rewrites('Api', API_CODE)],
        },
      },
    });
  }

  /** CloudFront lets a policy of TLS be chosen for a domain with a certificate of its own alone. */
  private domain({ console }: StageSettings) {
    if (console === undefined) return {};
    return {
      domainNames: [console.domain],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', console.certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  private rewrites(id: string, code: string) {
    const rewriting = new CloudFrontFunction(this, id, { code: FunctionCode.fromInline(code) });
    return { function: rewriting, eventType: FunctionEventType.VIEWER_REQUEST };
  }

  private headers(): ResponseHeadersPolicy {
    const headers = securityHeaders({ connect: [`https://cognito-idp.${this.region}.${this.urlSuffix}`] });
    const plain = ['permissions-policy', 'cross-origin-opener-policy'] as const;
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: headers['content-security-policy'], override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
      customHeadersBehavior: {
        customHeaders: plain.map((header) => ({ header, value: headers[header], override: true })),
      },
    });
  }

  /** Files whose names change with what is in them first, and for ever; then the page that names them. */
  private put({ bucket, distribution, settings, service }: Hosted): void {
    const built = Source.asset(CONSOLE, {
      bundling: { image: DockerImage.fromRegistry('none'), local: { tryBundle } },
    });
    const consoleSettings: ConsoleSettings = {
      apiUrl: API_PREFIX,
      region: this.region,
      userPoolId: service.userPoolId,
      clientId: service.clientId,
      signIn: settings.passwordSignIn ? 'password' : 'srp',
    };
    // Nothing is removed: a tab that was opened before a release may still ask for its files.
    const shared = { destinationBucket: bucket, prune: false, memoryLimit: 512 };
    const assets = new BucketDeployment(this, 'Assets', {
      ...shared,
      sources: [built],
      exclude: ['*'],
      include: ['assets/*'],
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    });
    const page = new BucketDeployment(this, 'Page', {
      ...shared,
      sources: [built, Source.jsonData('settings.json', consoleSettings)],
      exclude: ['assets/*'],
      cacheControl: [CacheControl.noCache()],
      distribution,
      distributionPaths: ['/index.html', '/settings.json'],
    });
    page.node.addDependency(assets);
  }
}

/**
 * What proves to the API that a request came through CloudFront, which puts it in the place of what a viewer sent. The template has
 * a reference; CloudFormation reads the value while it deploys.
 */
function edgeHeader({ service, edgeSecretVersion }: ConsoleStackProps): Record<string, string> {
  const { edgeSecretArn } = service;
  if (edgeSecretArn === undefined) throw bug('a stage with a console has an edge');
  const version = edgeSecretVersion === undefined ? {} : { versionId: edgeSecretVersion };
  const key = SecretValue.secretsManager(edgeSecretArn, { jsonField: 'key', ...version });
  return { [EDGE_HEADER]: key.unsafeUnwrap() };
}

interface Hosted extends Pick<ConsoleStackProps, 'settings' | 'service'> {
  readonly bucket: IBucket;
  readonly distribution: Distribution;
}

/** Builds the console where the stack is synthesized; there is no container to fall back to. */
function tryBundle(outputFolder: string): boolean {
  const args = ['build', CONSOLE, '--outDir', outputFolder, '--configLoader', 'native', '--logLevel', 'error'];
  execFileSync(process.execPath, [VITE, ...args], { cwd: CONSOLE, stdio: ['ignore', 'inherit', 'inherit'] });
  return true;
}
