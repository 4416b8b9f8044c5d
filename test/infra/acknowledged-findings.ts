/** A finding of a security pack that stays, and why. */
export interface Acknowledged {
  /** Ids of rules, or how they begin: the id of a wildcard names its resource, and ends with a hash. */
  readonly rules: readonly string[];
  /** The construct on which it stays, below `service` or `console`, and all that is in it. */
  readonly on: string;
  /** In this stage alone. */
  readonly stage?: 'local';
  readonly reason: string;
}

const both = (rule: string) => [`NIST.800.53.R5-${rule}`, `PCI.DSS.321-${rule}`];
const wildcard = (resource: string) => `AwsSolutions-IAM5[Resource::${resource}`;
/** The function of the CDK that uploads the console's files while it is deployed. */
const UPLOAD = 'console/Custom::CDKBucketDeployment';

export const ACKNOWLEDGED: readonly Acknowledged[] = [
  // Identities
  {
    rules: [wildcard('*]')],
    on: 'service',
    reason:
      'X-Ray, the delivery of Step Functions’ logs, and network interfaces have no resources to name. grants.test.ts refuses every other wildcard.',
  },
  { rules: [wildcard('<CasesSealBucket')], on: 'service/Cases/SealRole', reason: 'Seals are objects named by day.' },
  {
    rules: [wildcard('<EventsDeadLetterBucket')],
    on: 'service',
    reason: 'Lambda names the objects of batches that were given up; each stream’s reader may write there alone.',
  },
  {
    rules: [wildcard('<EventsQuarantineBucket')],
    on: 'service/Detection/DetectRole',
    reason: 'Quarantined events are objects named by their content.',
  },
  { rules: [wildcard('<JobsExports')], on: 'service/Jobs/ExportRole', reason: 'Exports are objects named by job.' },
  {
    rules: [wildcard('<JobsExports')],
    on: 'service/Api/ReadRole',
    reason: 'A link to an export may do what its maker may.',
  },
  {
    rules: [wildcard('<Refunds')],
    on: 'service/Refunds/Workflow/Machine/Role',
    reason: 'The workflow invokes five functions, in any version: the CDK grants both.',
  },
  {
    rules: both('IAMNoInlinePolicy'),
    on: 'service',
    reason:
      'Each role has one policy that no other role shares; it goes with the role. grants.test.ts compares it with the code.',
  },
  // Functions
  {
    rules: both('LambdaInsideVPC'),
    on: 'service',
    reason:
      'The functions reach AWS and the processors by TLS under their own roles, and listen to no network. A VPC adds no boundary.',
  },
  {
    rules: ['NIST.800.53.R5-LambdaDLQ', 'Serverless-LambdaDLQ'],
    on: 'service',
    reason: 'Streams have an S3 destination and the workflow retries. Schedules repeat; the API answers its caller.',
  },
  {
    rules: ['NIST.800.53.R5-LambdaConcurrency'],
    on: 'service',
    reason:
      'Shards and their parallelization bound the readers, the workflow’s start rate its tasks, the throttle the API.',
  },
  {
    rules: ['Serverless-LambdaAsyncFailureDestination', 'Serverless-EventBusDLQ'],
    on: 'service/Cases',
    reason: 'The next hour seals what this one could not; the alarm seals-fail says so.',
  },
  {
    rules: ['Serverless-LambdaAsyncFailureDestination', 'Serverless-EventBusDLQ'],
    on: 'service/Alerts',
    reason: 'The next minute does what this one could not; the alarm digests-fail says so.',
  },
  {
    rules: ['Serverless-LambdaAsyncFailureDestination', 'Serverless-EventBusDLQ'],
    on: 'service/Refunds',
    reason: 'The next sweep finds what this one missed; the alarm sweep-fails says so.',
  },
  {
    rules: ['AwsSolutions-SF1'],
    on: 'service/Refunds/Workflow/Machine',
    reason:
      'Errors are logged. Each step that matters is in the case’s audit trail, and execution history keeps the rest for 90 days.',
  },
  // The network of what asks processors
  {
    rules: both('VPCDefaultSecurityGroupClosed'),
    on: 'service/Refunds/Network/Vpc',
    reason: 'CloudFormation cannot change the default group. No interface of the stack is in it.',
  },
  {
    rules: both('VPCNoUnrestrictedRouteToIGW'),
    on: 'service/Refunds/Network/Vpc/Gateways',
    reason: 'NAT gateways alone are in these subnets; processors have no fixed addresses to route to.',
  },
  // Data
  {
    rules: both('CloudWatchLogGroupEncrypted'),
    on: 'service',
    reason: 'Logs carry no payload and no token, and CloudWatch encrypts them under its own key.',
  },
  {
    rules: ['AwsSolutions-KDS3'],
    on: 'service/Events/Stream',
    reason: 'The stream is under the stack’s key, of which the key policy decides.',
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    on: 'service/FingerprintSecret',
    reason: 'Under another key every charge is forgotten: an operator rotates it (docs/decisions/0101-keys.md).',
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    on: 'service/Api/PayerLinkSecret',
    reason: 'A rotation ends links that payers have: an operator rotates it (docs/payer-status.md).',
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    on: 'service/Api/EdgeSecret',
    reason: 'CloudFront sends another value after a deployment: an operator rotates it (docs/hardening.md).',
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    on: 'service/SigningSecret',
    reason: 'Producers hold the other half of each key: an operator adds and retires them (docs/signing.md).',
  },
  {
    rules: both('S3BucketReplicationEnabled'),
    on: 'service',
    reason: 'The service lives in one region, and so does its evidence. A second region is the operator’s decision.',
  },
  {
    rules: both('S3DefaultEncryptionKMS'),
    on: 'service/Cases/SealBucket',
    reason: 'Under S3’s own key: who schedules the deletion of our key must not take the proof along.',
  },
  {
    rules: both('S3DefaultEncryptionKMS'),
    on: 'service/AccessLogs',
    reason: 'S3 delivers access logs to a bucket under its own key alone.',
  },
  {
    rules: both('S3BucketVersioningEnabled'),
    on: 'service/Jobs/Exports',
    reason: 'An export ends after three days and is made again from the tables. An old version would outlive it.',
  },
  {
    rules: ['Serverless-SQSRedrivePolicy'],
    on: 'service/Events/QuarantineDeadLetters',
    reason: 'It is the dead-letter queue of the other one.',
  },
  {
    rules: both('S3BucketVersioningEnabled'),
    on: 'service/Events',
    stage: 'local',
    reason: 'A local run ends with all that it has written.',
  },
  // The API and its users
  {
    rules: ['AwsSolutions-APIG4'],
    on: 'service/Api/Http/GET--payer-links--{link}',
    reason: 'The link is the credential: it is signed, names one payer and expires.',
  },
  {
    rules: ['AwsSolutions-APIG4'],
    on: 'service/Api/Http/GET--openapi.json',
    reason: 'The description of the API is in the repository too.',
  },
  {
    rules: ['AwsSolutions-COG2'],
    on: 'service/Api/People',
    stage: 'local',
    reason: 'The users of a local run are made for it, and end with it.',
  },
  {
    rules: ['AwsSolutions-COG8'],
    on: 'service/Api/People',
    reason:
      'The Plus tier is paid by user. MFA is required, there is no sign-up, and the operator may choose the tier.',
  },
  // The console
  {
    rules: both('S3BucketReplicationEnabled'),
    on: 'console/Files',
    reason: 'Built files of this repository, read by the distribution alone. They are built again in minutes.',
  },
  {
    rules: both('S3DefaultEncryptionKMS'),
    on: 'console/Files',
    reason: 'Built files of this repository: there is nothing to hide from S3’s own key.',
  },
  {
    rules: [...both('S3DefaultEncryptionKMS'), ...both('S3BucketReplicationEnabled')],
    on: 'console/AccessLogs',
    reason: 'S3 delivers access logs to a bucket under its own key alone. They name built files.',
  },
  {
    rules: ['AwsSolutions-CFR1'],
    on: 'console/Distribution',
    reason: 'The operator decides on countries. Payers open their links from anywhere.',
  },
  {
    rules: ['AwsSolutions-CFR3'],
    on: 'console/Distribution',
    reason:
      'The rule knows the older logs alone, which have the paths and thus the links. console-logs has the newer ones.',
  },
  {
    rules: ['AwsSolutions-CFR4'],
    on: 'console/Distribution',
    reason: 'CloudFront’s own certificate has no choice of policy. With a domain of the stage there is no finding.',
  },
  ...['firewall/Blocked', 'console-logs/Access'].map((on) => ({
    rules: both('CloudWatchLogGroupEncrypted'),
    on,
    reason: 'The logs have no path, no query and no token, and CloudWatch encrypts them under its own key.',
  })),
  {
    rules: ['AwsSolutions-IAM4', 'AwsSolutions-IAM5', ...both('IAMNoInlinePolicy')],
    on: UPLOAD,
    reason: 'The CDK’s own role: it reads the assets of the deployment and writes the bucket of built files.',
  },
  {
    rules: [
      'AwsSolutions-L1',
      'NIST.800.53.R5-LambdaConcurrency',
      'NIST.800.53.R5-LambdaDLQ',
      ...both('LambdaInsideVPC'),
      ...both('CloudWatchLogGroupEncrypted'),
      'Serverless-LambdaDLQ',
      'Serverless-LambdaLatestVersion',
      'Serverless-LambdaTracing',
    ],
    on: UPLOAD,
    reason: 'The CDK’s own function: it runs while the stack is deployed, and the deployment reports its failure.',
  },
];
