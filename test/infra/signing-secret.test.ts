import { expect, it } from 'vitest';
import { nameOf } from './granted.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const prod = synthesize('prod');
const find = (type: string, name: string) =>
  resourcesOf(prod, type).find(([id]) => nameOf({ Ref: id }) === name)?.[1].Properties;

it('begins without a key: another text here would take the place of all keys at the next deployment', () => {
  const secret = find('AWS::SecretsManager::Secret', 'SigningSecret');
  expect(secret?.SecretString).toBe('{"keys":{}}');
  expect(secret).not.toHaveProperty('GenerateSecretString');
});

it('is read under the name of the stage', () => {
  const variables = { STAGE: 'prod', SIGNING_SECRET_ARN: { Ref: expect.stringMatching(/^SigningSecret/) } };
  expect(find('AWS::Lambda::Function', 'DetectionDetect')).toMatchObject({ Environment: { Variables: variables } });
});
