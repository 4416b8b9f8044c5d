import { Stack } from 'aws-cdk-lib';
import { CfnCodeSigningConfig } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { StageSettings } from './settings.ts';

const ID = 'CodeSigning';

/**
 * Returns the stack's one rule about signed code, where the stage names a profile of AWS Signer. Lambda then refuses each bundle
 * that this version of the profile has not signed, also from an identity that may update functions.
 */
export function codeSigningOf(
  scope: Construct,
  { signingProfileArn }: StageSettings,
): CfnCodeSigningConfig | undefined {
  if (signingProfileArn === undefined) return undefined;
  const stack = Stack.of(scope);
  const existing = stack.node.tryFindChild(ID);
  if (existing instanceof CfnCodeSigningConfig) return existing;
  return new CfnCodeSigningConfig(stack, ID, {
    description: 'Onecharge: every function',
    allowedPublishers: { signingProfileVersionArns: [signingProfileArn] },
    codeSigningPolicies: { untrustedArtifactOnDeployment: 'Enforce' },
  });
}
