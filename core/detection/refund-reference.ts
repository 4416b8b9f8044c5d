import { asFlagId, type FlagId } from '../brands.ts';

/** Names one try at a refund everywhere: execution, gateway idempotency key and the reference that processors echo. */
export function attemptName({ id, attempt }: { readonly id: FlagId; readonly attempt: number }): string {
  return `${id}-${attempt}`;
}

const REFERENCE_PREFIX = 'onecharge-';

/** The reference that a gateway gives the processor for our refund. */
export function referenceOf(flag: { readonly id: FlagId; readonly attempt: number }): string {
  return REFERENCE_PREFIX + attemptName(flag);
}

/** Our own refund is known by our reference alone, whatever any window has seen of it. */
export function isReferenceOf(flagId: FlagId, reference: string): boolean {
  return reference.startsWith(`${REFERENCE_PREFIX}${flagId}-`);
}

const REFERENCE = new RegExp(`^${REFERENCE_PREFIX}([0-9a-f]{32})-(\\d+)$`);

/** The flag that our reference names; undefined when the reference is not ours. */
export function flagIdOfReference(reference: string): FlagId | undefined {
  const named = REFERENCE.exec(reference)?.[1];
  return named === undefined ? undefined : asFlagId(named);
}

/** The attempt that our reference names; undefined when the reference is not ours. */
export function attemptOfReference(reference: string): number | undefined {
  const named = REFERENCE.exec(reference)?.[2];
  return named === undefined ? undefined : Number(named);
}
