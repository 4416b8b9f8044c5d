import { iso } from '../clock-units.ts';
import type { Suspension, SuspensionStore } from '../detection/suspensions.ts';
import type { Attestation } from '../events/source.ts';
import { ALERT_VERSION, type AlertOf } from './alert.ts';
import type { AlertContext } from './context.ts';
import { quoted } from './quoted.ts';

export interface SuspensionContext extends AlertContext {
  readonly suspensions: Pick<SuspensionStore, 'allSuspensions' | 'markAlerted'>;
}

/** What the order shows, for operators. */
const CONTRADICTIONS: { readonly [name in Attestation]: string } = {
  'single-charge': 'its total needs more than one of its equal charges',
  totals: 'we refunded by its total, and the source stated a higher one later',
  closings: 'the source closed it paid after it had closed it unpaid',
};

/**
 * Every minute: alerts each suspension once. It is marked after it was sent, so that a run that died in between sends the
 * same alert again.
 */
export async function alertSuspensions(context: SuspensionContext): Promise<void> {
  for (const suspension of await context.suspensions.allSuspensions()) {
    if (suspension.isAlerted) continue;
    await context.send(attestationSuspendedAlert(suspension));
    context.count('attestationsSuspended', 1);
    await context.suspensions.markAlerted(suspension);
  }
}

/** Returns the alert of a suspension: the same each time. */
export function attestationSuspendedAlert(suspension: Suspension): AlertOf<'attestation-suspended'> {
  const { source, merchant, attestation, order, sinceMs } = suspension;
  const since = iso(sinceMs);
  const of = `--source ${quoted(source)} --merchant ${quoted(merchant)} --attestation ${attestation}`;
  return {
    kind: 'attestation-suspended',
    version: ALERT_VERSION,
    alertId: `attestation-suspended:${source}:${merchant}:${attestation}:${since}`,
    severity: 'critical',
    at: since,
    source,
    merchant,
    attestation,
    order,
    why: CONTRADICTIONS[attestation],
    command: `npx onecharge attestations restore ${of} --reason TEXT`,
  };
}
