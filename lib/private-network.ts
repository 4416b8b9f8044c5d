import { Stack, Tags } from 'aws-cdk-lib';
import {
  CfnFlowLog,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
  type VpcEndpoint,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
} from 'aws-cdk-lib/aws-route53resolver';
import { Construct } from 'constructs';
import { logGroup } from './log-group.ts';
import type { Egress, StageSettings } from './settings.ts';

const HTTPS = 443;
/** Two functions need some tens of addresses. */
const ADDRESSES = { cidr: '10.64.0.0/24', maskOfSubnet: 26 };
/** The number of the first rule group of a VPC: those of the account's own firewall manager come before and after. */
const ASSOCIATION_PRIORITY = 101;

interface PrivateNetworkProps {
  readonly settings: StageSettings;
  readonly egress: Egress;
}

/**
 * Where the functions run that ask processors, in a stage that lists where they may send to. AWS answers on endpoints within the
 * network, for this account's own resources alone. Every other name but those of the processors stays unanswered.
 */
export class PrivateNetwork extends Construct {
  readonly vpc: IVpc;
  readonly functions: ISecurityGroup;

  constructor(scope: Construct, id: string, { settings, egress }: PrivateNetworkProps) {
    super(scope, id);
    const { cidr, maskOfSubnet: cidrMask } = ADDRESSES;
    // A cast, for the library's own class and interface contradict each other under exactOptionalPropertyTypes.
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      // The CDK closes the default group by a function of its own. No interface here is in that group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Gateways', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask },
        { name: 'Functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask },
      ],
    }) as IVpc;
    Tags.of(vpc).add('Name', 'onecharge');
    this.vpc = vpc;
    this.functions = this.functionsGroup(vpc, egress);
    this.endpoints(vpc);
    this.firewall(vpc, egress);
    this.flowLogs(vpc, settings);
  }

  private functionsGroup(vpc: IVpc, { ports }: Egress): SecurityGroup {
    const group = new SecurityGroup(this, 'FunctionsGroup', {
      vpc,
      description: 'Onecharge: functions that ask processors; nothing reaches them',
      allowAllOutbound: false,
    });
    for (const port of new Set([HTTPS, ...ports])) {
      group.addEgressRule(Peer.anyIpv4(), Port.tcp(port), 'AWS and the processors');
    }
    return group;
  }

  /** What these functions ask of AWS. Logs and traces are delivered by Lambda, not through this network. */
  private endpoints(vpc: IVpc): void {
    const group = new SecurityGroup(this, 'EndpointsGroup', {
      vpc,
      description: 'Onecharge: endpoints of AWS',
      allowAllOutbound: false,
    });
    group.addIngressRule(this.functions, Port.tcp(HTTPS), 'functions that ask processors');
    const shared = { securityGroups: [group], open: false, privateDnsEnabled: true };
    this.ownAccountOnly(
      vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB }),
      'dynamodb',
    );
    this.ownAccountOnly(
      vpc.addInterfaceEndpoint('Kms', { ...shared, service: InterfaceVpcEndpointAwsService.KMS }),
      'kms',
    );
    this.ownAccountOnly(
      vpc.addInterfaceEndpoint('Secrets', { ...shared, service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER }),
      'secretsmanager',
    );
  }

  /** Keys of another account would carry data to tables and secrets of that account. */
  private ownAccountOnly(endpoint: VpcEndpoint, service: string): void {
    const { account } = Stack.of(this);
    endpoint.addToPolicy(
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: [`${service}:*`],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
      }),
    );
  }

  /** The resolver fails closed: if the firewall does not answer, no name is resolved. */
  private firewall(vpc: IVpc, { hosts }: Egress): void {
    const { account, region, urlSuffix } = Stack.of(this);
    const services = ['dynamodb', `${account}.ddb`, 'kms', 'secretsmanager'];
    const listed = new CfnFirewallDomainList(this, 'Listed', {
      domains: [...services.map((service) => `${service}.${region}.${urlSuffix}`), ...hosts],
    });
    const everything = new CfnFirewallDomainList(this, 'Everything', { domains: ['*'] });
    const rules = new CfnFirewallRuleGroup(this, 'Rules', {
      firewallRules: [
        {
          priority: 1,
          action: 'ALLOW',
          firewallDomainListId: listed.attrId,
          // A processor's name may lead to names of its network's operator.
          firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
        },
        { priority: 2, action: 'BLOCK', blockResponse: 'NXDOMAIN', firewallDomainListId: everything.attrId },
      ],
    });
    new CfnFirewallRuleGroupAssociation(this, 'Association', {
      firewallRuleGroupId: rules.attrId,
      vpcId: vpc.vpcId,
      priority: ASSOCIATION_PRIORITY,
    });
  }

  private flowLogs(vpc: IVpc, settings: StageSettings): void {
    const { account } = Stack.of(this);
    const logs = logGroup(this, 'FlowLogs', settings);
    const role = new Role(this, 'FlowLogsRole', {
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    logs.grantWrite(role);
    logs.grant(role, 'logs:DescribeLogStreams');
    new CfnFlowLog(this, 'Flow', {
      resourceType: 'VPC',
      resourceId: vpc.vpcId,
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logGroupName: logs.logGroupName,
      deliverLogsPermissionArn: role.roleArn,
    });
  }
}

/** What Lambda does with the network interfaces of a function, in the function's name. */
const INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Returns what places a function in the network. Its role lets Lambda work with interfaces, and not the function's own code. */
export function placeIn({ vpc, functions }: PrivateNetwork, role: Role) {
  const { account, partition, region } = Stack.of(role);
  const ownCode = { 'lambda:SourceFunctionArn': `arn:${partition}:lambda:${region}:${account}:function:*` };
  role.addToPolicy(new PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ['*'] }));
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: INTERFACE_ACTIONS,
      resources: ['*'],
      conditions: { ArnLike: ownCode },
    }),
  );
  return { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, securityGroups: [functions] };
}
