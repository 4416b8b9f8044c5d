import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

/** The window of the rates below. */
const WINDOW_S = 300;
/**
 * Requests of one address in five minutes. A page asks some 40 times a minute, and an office may share one address: this is two thirds
 * of what the API answers in all, so that one address never takes everything.
 */
const PER_ADDRESS = 10_000;
/** Links opened by one address in five minutes: a payer opens one, without a token. */
const LINKS_PER_ADDRESS = 300;
const LINKS_PATH = '/api/payer-links/';

type Rule = CfnWebACL.RuleProperty;

/** In the order in which they are asked: rates first, since they cost least. */
export const FIREWALL_RULES: readonly Rule[] = [
  rateRule('RatePerAddress', { limit: PER_ADDRESS }),
  rateRule('LinksPerAddress', { limit: LINKS_PER_ADDRESS, scopeDownStatement: pathBegins(LINKS_PATH) }),
  managedRule('AWSManagedRulesAmazonIpReputationList'),
  managedRule('AWSManagedRulesKnownBadInputsRuleSet'),
  // The API bounds a body at 16 KiB and a link by its codec: the group's 8 KiB and 1 KiB would refuse long reasons and links.
  managedRule('AWSManagedRulesCommonRuleSet', ['SizeRestrictions_BODY', 'SizeRestrictions_URIPATH']),
].map((rule, priority) => ({ ...rule, priority }));

/** A metric and no sample: a sample shows the headers of a request, and thus its token. */
export function visibilityOf(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}

type Rate = Pick<CfnWebACL.RateBasedStatementProperty, 'limit' | 'scopeDownStatement'>;
type Unordered = Omit<Rule, 'priority'>;

function rateRule(name: string, rate: Rate): Unordered {
  const rateBasedStatement = { ...rate, aggregateKeyType: 'IP', evaluationWindowSec: WINDOW_S };
  return { name, action: { block: {} }, statement: { rateBasedStatement }, visibilityConfig: visibilityOf(name) };
}

function pathBegins(searchString: string): CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString,
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
}

/** AWS maintains it, in its newest version. The rules named `counted` block nothing. */
function managedRule(name: string, counted: readonly string[] = []): Unordered {
  const managedRuleGroupStatement = {
    vendorName: 'AWS',
    name,
    ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
  };
  return {
    name,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement },
    visibilityConfig: visibilityOf(name),
  };
}
