import type { Aws } from '../cli/aws.ts';
import { LOCAL_STAGE } from '../cli/paths.ts';
import type { StackOutputs } from '../cli/stack.ts';
import { addMissingKeys, readStageKeys, stageSigner } from '../cli/stage-signing.ts';
import type { Configuration } from '../core/configuration/configuration.ts';
import type { SignerOf } from '../core/events/sign-event.ts';

/** Gives each source that signs a key of the local stage, and returns what signs for them. */
export async function localSigner(
  deployment: { readonly aws: Aws; readonly outputs: Pick<StackOutputs, 'SigningSecretArn'> },
  { sources, sourceOf }: Pick<Configuration, 'sources' | 'sourceOf'>,
): Promise<SignerOf> {
  const nowMs = Date.now();
  await addMissingKeys(deployment, { sources, nowMs });
  const keys = await readStageKeys(deployment, { stage: LOCAL_STAGE, sources });
  return stageSigner(keys, { sourceOf, stage: LOCAL_STAGE, nowMs });
}
