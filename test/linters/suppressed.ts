/** A finding of a linter that stays, and why. */
export interface Suppressed {
  readonly linter: 'cfn-lint' | 'checkov';
  readonly rule: string;
  /** How the logical ids of the resources begin on which it stays; none: on all. */
  readonly on?: readonly string[];
  readonly reason: string;
}

export const SUPPRESSED: readonly Suppressed[] = [
  {
    linter: 'cfn-lint',
    rule: 'W3005',
    reason: 'The CDK adds each dependency of a construct, also one that a reference states already. It does no harm.',
  },
  {
    linter: 'cfn-lint',
    rule: 'E1017',
    on: ['Distribution'],
    reason:
      'CloudFormation takes the output of another stack (Fn::GetStackOutput) in Fn::Select; this linter does not know it.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_7',
    on: ['RefundsApprovalKey'],
    reason: 'KMS rotates no HMAC key. docs/security.md says what its replacement takes.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_18',
    on: ['AccessLogs'],
    reason: 'It is the bucket of the access logs.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_21',
    on: ['JobsExports', 'EventsQuarantineBucket', 'EventsDeadLetterBucket'],
    reason: 'An export ends after three days, and an old version would outlive it. A local run ends with its buckets.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_86',
    reason: 'CloudFront’s logs are of version 2, which this linter does not know.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_111',
    on: ['CustomCDKBucketDeployment'],
    reason: 'CloudFront knows no resource for an invalidation at the time of this grant, which is the CDK’s own.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_111',
    on: ['RefundsAssessRole', 'RefundsReverseRole'],
    reason:
      'A network interface has no name before Lambda creates it. The code of these functions is denied the same actions.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_115',
    reason: 'Shards bound the readers, the workflow’s start rate its tasks, the throttle the API.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_116',
    reason: 'Streams have an S3 destination and the workflow retries. Schedules repeat; the API answers its caller.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_117',
    reason: 'Functions that ask no processor reach AWS alone, under their own roles, and listen to no network.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_158',
    reason: 'Logs carry no payload and no token, and CloudWatch encrypts them under its own key.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_173',
    reason:
      'Variables name tables, keys and topics. Secrets are read from Secrets Manager; Lambda encrypts variables under its own key.',
  },
  {
    linter: 'checkov',
    rule: 'CKV_AWS_174',
    on: ['Distribution'],
    reason: 'CloudFront’s own certificate has no choice of policy; docs/console.md says how to set a domain with one.',
  },
];
