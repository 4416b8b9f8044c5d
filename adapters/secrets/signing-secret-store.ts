import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { UserError } from '../../core/user-error.ts';
import { parseSigningSecret, type SigningSecret } from './signing-secret.ts';

interface SigningSecretProps {
  readonly client: SecretsManagerClient;
  readonly secretArn: string;
}

/** Secrets Manager takes no longer text. */
const TEXT_BYTES_MAX = 65_536;
/** Where a new text waits until it takes the place of the one that it was made from. */
const NEXT = 'ONECHARGE_NEXT';

/** For operators, with their own rights: the stage's keys as they are stored. */
export async function readSigningSecret({ client, secretArn }: SigningSecretProps): Promise<SigningSecret> {
  return (await readVersion({ client, secretArn })).secret;
}

/**
 * Changes the stage's keys. Atomic: where another operator has changed them meanwhile, nothing changes.
 *
 * @throws UserError when the keys were changed meanwhile, or no longer fit into one secret
 */
export async function changeSigningSecret(
  props: SigningSecretProps,
  change: (secret: SigningSecret) => SigningSecret,
): Promise<SigningSecret> {
  const { client, secretArn } = props;
  const before = await readVersion(props);
  const changed = change(before.secret);
  const text = JSON.stringify(changed);
  if (Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    throw new UserError(
      `The keys would be ${Buffer.byteLength(text)} bytes, more than a secret may have; retire keys first`,
    );
  }
  const put = new PutSecretValueCommand({ SecretId: secretArn, SecretString: text, VersionStages: [NEXT] });
  const { VersionId } = await client.send(put);
  try {
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretArn,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: VersionId,
        RemoveFromVersionId: before.versionId,
      }),
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'InvalidParameterException') throw error;
    throw new UserError('Another operator changed the keys meanwhile, and nothing was changed; run the command again');
  }
  return changed;
}

async function readVersion({ client, secretArn }: SigningSecretProps) {
  const { SecretString = '', VersionId } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
  return { secret: parseSigningSecret(SecretString, secretArn), versionId: VersionId };
}
