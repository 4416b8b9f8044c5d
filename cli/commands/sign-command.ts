import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { checkFile } from '../../adapters/files/lines.ts';
import { keyRing } from '../../adapters/secrets/signing-keys.ts';
import { parseSigningSecret } from '../../adapters/secrets/signing-secret.ts';
import { readSigningSecret } from '../../adapters/secrets/signing-secret-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { signEvent, signersIn } from '../../core/events/sign-event.ts';
import { findDeployment } from '../stack.ts';

interface SignOptions {
  readonly keys?: string;
  readonly stage: string;
}

/** Some lines have no signature: exit code 2. */
const EXIT_UNSIGNED = 2;

/** `onecharge sign`: signs the events on standard input, one a line, and writes them to standard output in their order. */
export async function signCommand({ keys, stage }: SignOptions): Promise<number> {
  const secret = keys === undefined ? await readStageSecret(stage) : readKeyFile(keys);
  const signerOf = signersIn(keyRing(secret, stage), systemRuntime.nowMs());
  let unsigned = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    const bytes = Buffer.from(line);
    const signed = signEvent(bytes, signerOf);
    if (signed === bytes && line.trim() !== '') unsigned += 1;
    if (!process.stdout.write(`${Buffer.from(signed)}\n`)) await once(process.stdout, 'drain');
  }
  if (unsigned === 0) return 0;
  console.error(`${unsigned} lines are as they came: no key for their source, a signature already, or no event.`);
  return EXIT_UNSIGNED;
}

async function readStageSecret(stage: string) {
  const { aws, outputs } = await findDeployment(stage);
  return readSigningSecret({ client: aws.secretsManager, secretArn: outputs.SigningSecretArn });
}

function readKeyFile(file: string) {
  checkFile(file);
  return parseSigningSecret(readFileSync(file, 'utf8'), file);
}
