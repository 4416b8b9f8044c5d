import { GenerateMacCommand, type KMSClient, KMSInvalidMacException, VerifyMacCommand } from '@aws-sdk/client-kms';
import { Fault } from '../../core/fault.ts';
import type { ApprovalSigner, ApprovalVerifier } from '../../core/refunds/approval-macs.ts';

const MacAlgorithm = 'HMAC_SHA_256';
const MAC_BYTES = 32;

interface KeyProps {
  readonly client: KMSClient;
  /** The ARN of an HMAC key. Its bytes never leave KMS. */
  readonly keyArn: string;
}

/** Makes MACs in KMS: the role that may call `GenerateMac` with this key is the role that may approve. */
export function createApprovalSigner({ client, keyArn }: KeyProps): ApprovalSigner {
  return {
    async macOf(text) {
      const command = new GenerateMacCommand({ KeyId: keyArn, MacAlgorithm, Message: Buffer.from(text) });
      const { Mac } = await client.send(command);
      if (Mac === undefined) throw new Fault('dependency-unavailable', 'KMS answered without a MAC');
      return Buffer.from(Mac).toString('base64url');
    },
  };
}

/** Checks MACs in KMS. */
export function createApprovalVerifier({
  client,
  keyArn,
  noteForged,
}: KeyProps & Pick<ApprovalVerifier, 'noteForged'>): ApprovalVerifier {
  return {
    async isMacOf(mac, text) {
      const Mac = Buffer.from(mac, 'base64url');
      // KMS refuses the request as wrong where it has another length, which is no answer about an approval.
      if (Mac.length !== MAC_BYTES) return false;
      try {
        await client.send(new VerifyMacCommand({ KeyId: keyArn, MacAlgorithm, Message: Buffer.from(text), Mac }));
        return true;
      } catch (error) {
        if (error instanceof KMSInvalidMacException) return false;
        throw error;
      }
    },
    noteForged,
  };
}
