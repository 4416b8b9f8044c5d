import { createHmac, randomBytes } from 'node:crypto';
import type { ApprovalSigner, ApprovalVerifier } from '../../core/refunds/approval-macs.ts';

/** Makes and checks MACs of approvals under a key of this process. For tests, the simulator and playbacks. */
export function createMemoryApprovalMacs(
  noteForged: ApprovalVerifier['noteForged'] = () => {},
): ApprovalSigner & ApprovalVerifier {
  const key = randomBytes(32);
  const macOf = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return { macOf: async (text) => macOf(text), isMacOf: async (mac, text) => macOf(text) === mac, noteForged };
}
