import { CloudFormationClient, type DescribeStacksCommandInput } from '@aws-sdk/client-cloudformation';
import { expect, it } from 'vitest';
import { type Deployment, readApiAddress } from '../../../cli/stack.ts';

const API = 'https://an-api.execute-api.us-east-1.amazonaws.com';

/** A stage whose console's stack has these outputs. */
function deployment(EdgeSecretArn: string | undefined, ofConsole: Readonly<Record<string, string>>): Deployment {
  const cloudFormation = new CloudFormationClient({ region: 'us-east-1' });
  cloudFormation.middlewareStack.add(
    () => async (asked) => {
      const { StackName } = asked.input as DescribeStacksCommandInput;
      const Outputs = Object.entries(ofConsole).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
      const Stacks = StackName === 'Onecharge-prod-console' ? [{ Outputs }] : [];
      return { output: { $metadata: {}, Stacks }, response: {} };
    },
    { step: 'initialize' },
  );
  return { aws: { cloudFormation }, outputs: { ApiUrl: `${API}/`, EdgeSecretArn } } as unknown as Deployment; // what it reads
}

it('is the API’s own where nothing stands before it', async () => {
  expect(await readApiAddress(deployment(undefined, {}), 'local')).toBe(API);
});

it('is below the console’s where the API answers there alone', async () => {
  const edge = deployment('arn:secret', { ConsoleUrl: 'https://refunds.shop.example' });
  expect(await readApiAddress(edge, 'prod')).toBe('https://refunds.shop.example/api');
});

it('is not known without the console’s stack', async () => {
  await expect(readApiAddress(deployment('arn:secret', {}), 'prod')).rejects.toThrow('lacks the outputs ConsoleUrl');
});
