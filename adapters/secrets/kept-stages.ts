import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Ms } from '../../core/brands.ts';
import { readSecretTextAt, SECRET_KEPT_MS, type SecretStage } from './read-secret.ts';

interface KeptStages<Value> {
  readonly client: SecretsManagerClient;
  readonly secretArn: string;
  readonly nowMs: () => Ms;
  readonly parse: (text: string) => Value;
}

/** A value that is not known may be newer than what was read; a caller who makes values up causes no more reads than this. */
const UNKNOWN_KEPT_MS = 5_000;
const STAGES = ['AWSCURRENT', 'AWSPREVIOUS'] as const;

/** The last two values of a secret, which this process keeps for some minutes. */
export function createKeptStages<Value>({ client, secretArn, nowMs, parse }: KeptStages<Value>) {
  const kept = new Map<SecretStage, { readonly value: Value | undefined; readonly readMs: Ms }>();

  async function valueAt(stage: SecretStage, keptMs: Ms = SECRET_KEPT_MS): Promise<Value | undefined> {
    const known = kept.get(stage);
    if (known !== undefined && nowMs() - known.readMs < keptMs) return known.value;
    const text = await readSecretTextAt(client, secretArn, stage);
    const value = text === undefined ? undefined : parse(text);
    kept.set(stage, { value, readMs: nowMs() });
    return value;
  }

  return {
    valueAt,
    /** Returns the value that matches; reads once more where none of the kept ones does. */
    async find(matches: (value: Value) => boolean): Promise<Value | undefined> {
      for (const keptMs of [SECRET_KEPT_MS, UNKNOWN_KEPT_MS]) {
        for (const stage of STAGES) {
          const value = await valueAt(stage, keptMs);
          if (value !== undefined && matches(value)) return value;
        }
      }
      return undefined;
    },
  };
}
