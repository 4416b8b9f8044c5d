import type { Ms } from '../../core/brands.ts';
import type { AttestationOf, Restoring, Suspension, SuspensionStore } from '../../core/detection/suspensions.ts';

interface Kept {
  readonly suspension: Suspension;
  readonly restoredMs?: Ms;
}

/** Suspensions in this process, with the answers of the ones in DynamoDB. For tests and playback. */
export function createMemorySuspensionStore(): SuspensionStore & {
  acts(): readonly (Restoring & { readonly atMs: Ms })[];
} {
  const kept = new Map<string, Kept>();
  const acts: (Restoring & { readonly atMs: Ms })[] = [];
  const standing = () =>
    [...kept.values()].flatMap(({ suspension, restoredMs }) => (restoredMs === undefined ? [suspension] : []));
  return {
    suspend: async (contradiction, nowMs) => {
      const known = kept.get(keyOf(contradiction));
      const isAnew = known === undefined || (known.restoredMs !== undefined && known.restoredMs < contradiction.atMs);
      if (!isAnew) return 'known';
      kept.set(keyOf(contradiction), { suspension: { ...contradiction, sinceMs: nowMs, isAlerted: false } });
      return 'suspended';
    },
    suspensionsOf: async (merchant) => standing().filter((each) => each.merchant === merchant),
    allSuspensions: async () => standing(),
    markAlerted: async (suspension) => {
      const known = kept.get(keyOf(suspension));
      if (known?.restoredMs !== undefined || known?.suspension.sinceMs !== suspension.sinceMs) return;
      kept.set(keyOf(suspension), { suspension: { ...known.suspension, isAlerted: true } });
    },
    restore: async (request, nowMs) => {
      const known = kept.get(keyOf(request));
      if (known === undefined || known.restoredMs !== undefined) return 'not-suspended';
      kept.set(keyOf(request), { ...known, restoredMs: nowMs });
      acts.push({ ...request, atMs: nowMs });
      return 'restored';
    },
    acts: () => acts,
  };
}

function keyOf({ source, merchant, attestation }: AttestationOf): string {
  return JSON.stringify([merchant, source, attestation]);
}
