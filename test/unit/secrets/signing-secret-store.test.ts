import {
  type GetSecretValueCommandInput,
  type PutSecretValueCommandInput,
  SecretsManagerClient,
  type UpdateSecretVersionStageCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { changeSigningSecret, readSigningSecret } from '../../../adapters/secrets/signing-secret-store.ts';
import { withKey } from '../../../cli/signing-keys.ts';
import { addMissingKeys, readStageKeys, stageSigner } from '../../../cli/stage-signing.ts';
import { ACME, BANK, START_MS, WALLET } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { SIGNED_REGISTRY, STAGE } from '../../fixtures/signing.ts';

let versions: string[];
let current: number;
let client: SecretsManagerClient;

beforeEach(() => {
  versions = ['{"keys":{}}'];
  current = 0;
  client = secretsManager();
});

type Asked = GetSecretValueCommandInput & PutSecretValueCommandInput & UpdateSecretVersionStageCommandInput;

/** Secrets Manager, as far as it is asked here: a label moves only from the version that has it. */
function secretsManager(): SecretsManagerClient {
  const fake = new SecretsManagerClient({ region: 'us-east-1' });
  fake.middlewareStack.add(
    (_, { commandName }) =>
      async ({ input }) => ({ output: { $metadata: {}, ...answer(commandName, input as Asked) }, response: {} }),
    { step: 'initialize' },
  );
  return fake;
}

function answer(command: string | undefined, asked: Asked): object {
  if (command === 'GetSecretValueCommand') return { SecretString: versions[current], VersionId: `v${current}` };
  if (command === 'PutSecretValueCommand') {
    versions.push(asked.SecretString ?? '');
    return { VersionId: `v${versions.length - 1}` };
  }
  if (asked.RemoveFromVersionId !== `v${current}`) {
    throw Object.assign(new Error('the label is elsewhere'), { name: 'InvalidParameterException' });
  }
  current = Number(asked.MoveToVersionId?.slice(1));
  return {};
}

const secretArn = 'arn:secret';
const key = (id: string) => ({ id, source: WALLET, key: Buffer.alloc(32, 1).toString('base64') });

describe('the stored keys', () => {
  it('change as a whole', async () => {
    await changeSigningSecret({ client, secretArn }, (before) => withKey(before, key('one'), START_MS));
    expect(Object.keys((await readSigningSecret({ client, secretArn })).keys)).toEqual(['one']);
  });

  it('do not change over the change of another operator', async () => {
    const changing = changeSigningSecret({ client, secretArn }, (before) => {
      versions.push('{"keys":{}}');
      current = versions.length - 1;
      return withKey(before, key('one'), START_MS);
    });
    await expect(changing).rejects.toThrow('Another operator changed the keys meanwhile, and nothing was changed');
    expect((await readSigningSecret({ client, secretArn })).keys).toEqual({});
  });

  it('are refused where they no longer fit into a secret', async () => {
    const many = Array.from({ length: 400 }, (_, at) => ({
      ...key(`key-${at}`),
      source: `/s/${at}/${'x'.repeat(100)}`,
    }));
    const adding = changeSigningSecret({ client, secretArn }, (before) =>
      many.reduce((secret, each) => withKey(secret, each, START_MS), before),
    );
    await expect(adding).rejects.toThrow('more than a secret may have');
    expect(versions).toHaveLength(1);
  });
});

describe('the keys of a stage', () => {
  const { sources, sourceOf } = configuration({ sources: SIGNED_REGISTRY });
  const deployment = { aws: { secretsManager: secretsManager() }, outputs: { SigningSecretArn: secretArn } };

  it('are made for each source that signs and has none, once', async () => {
    await addMissingKeys(deployment, { sources, nowMs: START_MS });
    await addMissingKeys(deployment, { sources, nowMs: START_MS });
    const keys = await readStageKeys(deployment, { stage: STAGE, sources });
    expect([...keys.values()].map(({ source }) => source).sort()).toEqual([BANK, WALLET].sort());
    const signerOf = stageSigner(keys, { sourceOf, stage: STAGE, nowMs: START_MS });
    expect([WALLET, BANK, ACME].map((source) => signerOf(source)?.source)).toEqual([WALLET, BANK, undefined]);
  });

  it('are asked for by the command that adds one, where a source that must sign has none', async () => {
    const keys = await readStageKeys(deployment, { stage: STAGE, sources });
    const signerOf = stageSigner(keys, { sourceOf, stage: STAGE, nowMs: START_MS });
    expect(() => signerOf(WALLET)).toThrow(`onecharge keys add --stage prod --source ${WALLET} --out FILE`);
  });

  it('are not read where no source signs', async () => {
    versions = ['no secret'];
    const unsigned = configuration().sources;
    expect(await readStageKeys(deployment, { stage: STAGE, sources: unsigned })).toEqual(new Map());
    await addMissingKeys(deployment, { sources: unsigned, nowMs: START_MS });
    expect(versions).toEqual(['no secret']);
  });
});
