import { randomBytes } from 'node:crypto';
import { keyRing } from '../adapters/secrets/signing-keys.ts';
import { changeSigningSecret, readSigningSecret } from '../adapters/secrets/signing-secret-store.ts';
import type { Ms } from '../core/brands.ts';
import type { Configuration } from '../core/configuration/configuration.ts';
import { type SignerOf, signersIn } from '../core/events/sign-event.ts';
import type { KeyRing } from '../core/events/signatures.ts';
import { UserError } from '../core/user-error.ts';
import type { Aws } from './aws.ts';
import { idsInUse, withKey } from './signing-keys.ts';
import type { StackOutputs } from './stack.ts';

interface Signed {
  readonly aws: Pick<Aws, 'secretsManager'>;
  readonly outputs: Pick<StackOutputs, 'SigningSecretArn'>;
}

/** Enough that no two keys of a stage get one id. */
const ID_LETTERS = 12;
/** As many bytes as the digest of HMAC-SHA-256. */
const KEY_BYTES = 32;

/** Reads the stage's keys with the caller's rights; none where no source signs. */
export async function readStageKeys(
  { aws, outputs }: Signed,
  { stage, sources }: { readonly stage: string } & Pick<Configuration, 'sources'>,
): Promise<KeyRing> {
  if (!sources.some(({ signing }) => signing === 'required')) return new Map();
  const secret = await readSigningSecret({ client: aws.secretsManager, secretArn: outputs.SigningSecretArn });
  return keyRing(secret, stage);
}

/** Returns the key of each source; one that must sign and has none is an error of the operator. */
export function stageSigner(
  keys: KeyRing,
  { sourceOf, stage, nowMs }: Pick<Configuration, 'sourceOf'> & { readonly stage: string; readonly nowMs: Ms },
): SignerOf {
  const signerOf = signersIn(keys, nowMs);
  return (source) => {
    const signer = signerOf(source);
    if (signer !== undefined || sourceOf(source)?.signing !== 'required') return signer;
    throw new UserError(
      `${source} has no signing key; add one: onecharge keys add --stage ${stage} --source ${source} --out FILE`,
    );
  };
}

/** Gives each source that signs a key, where it has none. */
export async function addMissingKeys(
  { aws, outputs }: Signed,
  { sources, nowMs }: Pick<Configuration, 'sources'> & { readonly nowMs: Ms },
): Promise<void> {
  const { SigningSecretArn: secretArn } = outputs;
  if (!sources.some(({ signing }) => signing === 'required')) return;
  await changeSigningSecret({ client: aws.secretsManager, secretArn }, (before) => {
    const missing = sources.filter(({ id, signing }) => signing === 'required' && idsInUse(before, id).length === 0);
    return missing.reduce((secret, { id }) => withKey(secret, newKey(id), nowMs), before);
  });
}

/** Makes a key from the machine's own random source. Its id says nothing about it. */
export function newKey(source: string, id = `k-${letters(ID_LETTERS)}`) {
  return { id, source, key: randomBytes(KEY_BYTES).toString('base64') };
}

/** Letters alone: digits in a row could be taken for a card number, and each event with the id would be refused. */
function letters(count: number): string {
  return Array.from(randomBytes(count), (byte) => String.fromCharCode(0x61 + (byte % 26))).join('');
}
