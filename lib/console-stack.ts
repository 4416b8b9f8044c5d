import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CfnOutput, DockerImage, Duration, Fn, RemovalPolicy, Stack, type StackProps, Tags } from 'aws-cdk-lib';
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
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { API_PREFIX, type ConsoleSettings, securityHeaders } from '../console/hosting.ts';
import { oldVersionsExpire } from './old-versions.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import type { StageSettings } from './settings.ts';

export interface ConsoleStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly service: ServiceAddresses;
}

/** A path without an extension is a page of the console's own. The API's paths do not come here: its errors stay its own. */
export const PAGES_CODE = `
function handler(event) {
  var request = event.request;
  if (!/\\.\\w+$/.test(request.uri)) request.uri = '/index.html';
  return request;
}`;

/** The API knows nothing of the prefix under which the console reaches it. */
export const API_CODE = `
function handler(event) {
  var request = event.request;
  request.uri = request.uri.slice(${API_PREFIX.length});
  return request;
}`;

const CONSOLE = join(import.meta.dirname, '..', 'console');
const VITE = join(import.meta.dirname, '..', 'node_modules', 'vite', 'bin', 'vite.js');

/**
 * The console's hosting: files in a private bucket behind CloudFront, which hands `/api/*` on to the compliance API, so
 * that both are one origin. A stack of its own, because an emulator knows too little of CloudFront to deploy it.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, { settings, service, ...stackProps }: ConsoleStackProps) {
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
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    }) as IBucket;
    const distribution = this.distribution(bucket, service);
    this.put({ bucket, distribution, settings, service });
    new CfnOutput(this, 'ConsoleUrl', { value: `https://${distribution.distributionDomainName}` });
  }

  private distribution(bucket: IBucket, { apiUrl }: ServiceAddresses): Distribution {
    const responseHeadersPolicy = this.headers();
    const viewerProtocolPolicy = ViewerProtocolPolicy.REDIRECT_TO_HTTPS;
    const shared = { responseHeadersPolicy, viewerProtocolPolicy, compress: true };
    return new Distribution(this, 'Distribution', {
      comment: 'Onecharge: console and its API',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        ...shared,
        origin: S3BucketOrigin.withOriginAccessControl(bucket),
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        functionAssociations: [this.rewrites('Pages', PAGES_CODE)],
      },
      additionalBehaviors: {
        [`${API_PREFIX}/*`]: {
          ...shared,
          origin: new HttpOrigin(Fn.select(2, Fn.split('/', apiUrl))),
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // With the token, without the host: the API's gateway knows itself by its own name alone.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          functionAssociations: [this.rewrites('Api', API_CODE)],
        },
      },
    });
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

interface Hosted extends ConsoleStackProps {
  readonly bucket: IBucket;
  readonly distribution: Distribution;
}

/** Builds the console where the stack is synthesized; there is no container to fall back to. */
function tryBundle(outputFolder: string): boolean {
  const args = ['build', CONSOLE, '--outDir', outputFolder, '--configLoader', 'native', '--logLevel', 'error'];
  execFileSync(process.execPath, [VITE, ...args], { cwd: CONSOLE, stdio: ['ignore', 'inherit', 'inherit'] });
  return true;
}
