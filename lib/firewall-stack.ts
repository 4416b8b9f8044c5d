import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { allowDelivery, plainArnOf } from './delivered-logs.ts';
import { FIREWALL_RULES, visibilityOf } from './firewall-rules.ts';
import { logGroup } from './log-group.ts';
import type { StageSettings } from './settings.ts';

interface FirewallStackProps extends StackProps {
  readonly settings: StageSettings;
}

/** The firewall before CloudFront. A stack of its own: AWS takes one for CloudFront in us-east-1 alone. */
export class FirewallStack extends Stack {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, { settings, ...stackProps }: FirewallStackProps) {
    super(scope, id, { description: 'Onecharge: the firewall before the console', ...stackProps });
    Tags.of(this).add('service', 'onecharge');
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      rules: [...FIREWALL_RULES],
      visibilityConfig: visibilityOf('Firewall'),
    });
    this.webAclArn = acl.attrArn;
    this.logBlocked(acl, settings);
  }

  /** Requests that were blocked, without what may name a payer or be a token: the path has links, the query payers. */
  private logBlocked(acl: CfnWebACL, settings: StageSettings): void {
    // AWS requires the beginning of the name.
    const group = logGroup(this, 'Blocked', settings, `aws-waf-logs-onecharge-${settings.stage}`);
    allowDelivery(group);
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: acl.attrArn,
      logDestinationConfigs: [plainArnOf(group)],
      redactedFields: [
        { uriPath: {} },
        { queryString: {} },
        ...['authorization', 'cookie'].map((Name) => ({ singleHeader: { Name } })),
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
        ],
      },
    });
    logging.node.addDependency(group);
  }
}
