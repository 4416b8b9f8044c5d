import type { Minor } from '../brands.ts';
import {
  type Claimed,
  type Denied,
  type Failure,
  type Flag,
  type FlagIn,
  hasRefunded,
  passesByItself,
  type Wait,
} from './flag.ts';

/** Returns what our claim allowed: that of a refund that runs, is done, has failed or was returned. */
export function claimOf(flag: Flag): Claimed | undefined {
  switch (flag.status) {
    case 'refunding':
    case 'refunded':
    case 'refunded-in-error':
    case 'failed':
      return flag;
    case 'reversed-externally':
      return flag.learnedFrom === 'gateway' ? flag : undefined;
    case 'dismissed':
      return flag.returned;
    case 'kept':
      return claimIn(flag.ended);
    case 'open':
    case 'held':
    case 'approved':
    case 'expired':
    case 'monitored':
      return undefined;
  }
}

function claimIn(ended: Denied | Failure | undefined): Claimed | undefined {
  if (ended === undefined) return undefined;
  return 'failure' in ended ? ended : ended.returned;
}

/** Returns what the refund of the charge is about: what a claim allowed, and before one the whole charge. */
export function amountMinorOf(flag: Flag): Minor {
  return claimOf(flag)?.refundMinor ?? flag.charge.amountMinor;
}

/** Returns how the present attempt waits or has waited. */
export function waitOf(flag: Flag): Wait | undefined {
  switch (flag.status) {
    case 'open':
    case 'monitored':
      return undefined;
    case 'reversed-externally':
      return flag.learnedFrom === 'gateway' ? flag.wait : undefined;
    case 'held':
    case 'approved':
    case 'expired':
    case 'refunding':
    case 'refunded':
    case 'refunded-in-error':
    case 'dismissed':
    case 'kept':
    case 'failed':
      return flag.wait;
  }
}

/** Returns how the claim of the present attempt was denied; also where a person then kept the charge. */
export function denialOf(flag: Flag): Denied | undefined {
  if (flag.status === 'dismissed') return flag;
  return flag.status === 'kept' && flag.ended !== undefined && 'denial' in flag.ended ? flag.ended : undefined;
}

/** Returns how the refund of the present attempt failed; also where a person then kept the charge. */
export function failureOf(flag: Flag): Failure | undefined {
  if (flag.status === 'failed') return flag;
  return flag.status === 'kept' && flag.ended !== undefined && 'failure' in flag.ended ? flag.ended : undefined;
}

/** Returns the processor's own id of a refund in our name. */
export function processorReferenceOf(flag: Flag): string | undefined {
  if (hasRefunded(flag)) return flag.processorReference;
  return flag.status === 'reversed-externally' && flag.learnedFrom === 'list' ? flag.processorReference : undefined;
}

/** Tells whether an approver is asked about the flag: a wait that only a thaw or the next hour ends asks no approver. */
export function asksApprover(flag: Flag): flag is FlagIn<'held' | 'expired'> {
  if (flag.status === 'expired') return true;
  return flag.status === 'held' && !flag.wait.waitsFor.every(passesByItself);
}
