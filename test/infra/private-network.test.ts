import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { grantedTo } from './granted.ts';
import { idOf, resourcesOf, synthesize } from './synthesized.ts';

const plain = synthesize('prod', { gateway: 'stripe' });
const hardened = synthesize('prod', { gateway: 'stripe', hardened: true });
const ASKS_PROCESSORS = ['RefundsAssess', 'RefundsReverse'];

const endpoint = z.object({ ServiceName: z.unknown() });
const functions = resourcesOf(hardened, 'AWS::Lambda::Function');

describe('the network of the functions that ask processors', () => {
  it('is there only where a stage lists where they may send to', () => {
    expect(Object.values(plain.Resources).filter(({ Type }) => /::(EC2|Route53Resolver)::/.test(Type))).toEqual([]);
  });

  it('has assess and reverse, and no other function', () => {
    const within = functions.filter(([, { Properties }]) => Properties.VpcConfig !== undefined);
    expect(within.map(([id]) => id.slice(0, -8)).sort()).toEqual(ASKS_PROCESSORS);
    for (const [, { Properties }] of within) {
      expect(Properties.VpcConfig).toEqual({
        SecurityGroupIds: [{ 'Fn::GetAtt': [expect.stringMatching(/^RefundsNetworkFunctionsGroup/), 'GroupId'] }],
        SubnetIds: [1, 2].map((n) => ({ Ref: expect.stringMatching(`^RefundsNetworkVpcFunctionsSubnet${n}`) })),
      });
    }
  });

  it('has an endpoint for each service of AWS that these functions call', () => {
    const served = resourcesOf(hardened, 'AWS::EC2::VPCEndpoint').map(([, { Properties }]) =>
      JSON.stringify(endpoint.parse(Properties).ServiceName).replace(/^.*\.(\w+)"[^"]*$/, '$1'),
    );
    const asked = ASKS_PROCESSORS.flatMap((name) => [
      ...grantedTo(plain, idOf(plain, 'AWS::IAM::Role', `${name}Role`)),
    ]);
    // Lambda delivers logs and traces itself.
    const services = new Set(
      asked.map((grant) => grant.split(':')[0]).filter((name) => name !== 'logs' && name !== 'xray'),
    );
    expect(served.sort()).toEqual([...services].sort());
  });

  it('grants its functions network interfaces beyond what they do, for Lambda and not for their code', () => {
    for (const name of ASKS_PROCESSORS) {
      const granted = (template: typeof plain) => grantedTo(template, idOf(template, 'AWS::IAM::Role', `${name}Role`));
      const before = granted(plain);
      const added = [...granted(hardened)].filter((one) => !before.has(one));
      expect(added.sort()).toEqual(
        [
          'AssignPrivateIpAddresses',
          'CreateNetworkInterface',
          'DeleteNetworkInterface',
          'DescribeNetworkInterfaces',
          'DescribeSubnets',
          'UnassignPrivateIpAddresses',
        ].map((action) => `ec2:${action} *`),
      );
      const policies = resourcesOf(hardened, 'AWS::IAM::Policy').filter(([id]) => id.startsWith(`${name}Role`));
      const denied = {
        Effect: 'Deny',
        Resource: '*',
        Condition: { ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } },
      };
      expect(policies[0]?.[1].Properties.PolicyDocument).toMatchObject({
        Statement: expect.arrayContaining([expect.objectContaining(denied)]),
      });
    }
  });

  it('is logged', () => {
    expect(resourcesOf(hardened, 'AWS::EC2::FlowLog').map(([, { Properties }]) => Properties)).toMatchObject([
      {
        ResourceType: 'VPC',
        TrafficType: 'ALL',
        LogGroupName: { Ref: expect.stringMatching(/^RefundsNetworkFlowLogs/) },
      },
    ]);
  });
});
