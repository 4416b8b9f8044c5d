import { asCaseId, asFingerprint, asFlagId, type CaseId, type Fingerprint, type FlagId } from '../brands.ts';
import type { Charge, ChargeRef } from '../events/payment-event.ts';
import { bug } from '../fault.ts';
import { type ChargeField, type Detector, fieldOf, keyFieldOf } from './detector.ts';
import { normalised } from './normalise.ts';

/** Digests of text that need no key. Pure: the same text gives the same digest. */
export interface PlainDigests {
  /** First 128 bits of SHA-256, hex. */
  hash128(text: string): string;
  /** All of SHA-256, hex. */
  hash256(text: string): string;
}

/** Plain and keyed digests: fingerprints take the key. */
export interface Digests extends PlainDigests {
  /** The HMAC key's version: part of every fingerprint, so that keys can be rotated. */
  readonly keyVersion: string;
  /** First 128 bits of HMAC-SHA-256 (RFC 2104) under the secret key, base64url without padding. */
  hmac128(text: string): string;
  /** By the keys that windows may have been begun with beside this one: the one before it, and one that is to follow. */
  readonly others?: readonly Digests[];
}

/** Returns the digests of the key that a window was begun with; those of today's key where it is gone. */
export function digestsOf(fingerprint: Fingerprint, digests: Digests): Digests {
  const isBegunWith = ({ keyVersion }: Digests) => fingerprint.split(SEPARATOR, 2)[1] === keyVersion;
  return isBegunWith(digests) ? digests : (digests.others?.find(isBegunWith) ?? digests);
}

const SEPARATOR = '#';

/** The sources whose tokens mean the same things share a namespace; charges meet only within one. */
export type NamespaceOf = (source: string) => string;

/**
 * The partition key of a charge window: detector, key version, keyed digest of namespace and key fields.
 * Keyed, so that whoever reads the table cannot test guesses of payers or orders against it.
 */
export function fingerprintOf(
  detector: Detector,
  charge: Charge,
  { digests, namespaceOf }: { readonly digests: Digests; readonly namespaceOf: NamespaceOf },
): Fingerprint {
  let text = lengthPrefixed('namespace', namespaceOf(charge.source));
  for (const field of detector.key) text += lengthPrefixed(field, keyFieldOf(detector, charge, field) ?? '');
  return fingerprint(detector.id, text, digests);
}

/** Digests of 66 bits: within one window a collision is out of reach, and each charge pays for every byte. */
const SHORT = 11;

/** Digest of the fields in which a detector's copies agree: absent equals absent only. Keyed, as fingerprints are. */
export function sameDigestOf(
  detector: Pick<Detector, 'id' | 'same'>,
  charge: Charge,
  { hmac128 }: Pick<Digests, 'hmac128'>,
): string {
  let text = lengthPrefixed('same', detector.id);
  for (const field of detector.same) {
    const value = fieldOf(charge, field);
    if (value !== undefined) text += lengthPrefixed(field, value);
  }
  return hmac128(text).slice(0, SHORT);
}

/** Digest of the payer, which says within one window whether two charges have the same; undefined where none is known. */
export function payerDigestOf({ payer }: Charge, { hmac128 }: Pick<Digests, 'hmac128'>): string | undefined {
  return payer === undefined ? undefined : hmac128(lengthPrefixed('payer', payer)).slice(0, SHORT);
}

/** Digest of the processor's id of the money movement; undefined for none. */
export function paymentDigestOf({ payment }: Charge, { hmac128 }: Pick<Digests, 'hmac128'>): string | undefined {
  return payment === undefined ? undefined : hmac128(lengthPrefixed('payment', payment)).slice(0, SHORT);
}

/** The fingerprint for an order alone: the key of a detector with `orders` holds nothing but merchant and order. */
export function fingerprintOfOrder(
  detector: Detector,
  closed: { readonly source: string; readonly merchant: string; readonly order: string },
  { digests, namespaceOf }: { readonly digests: Digests; readonly namespaceOf: NamespaceOf },
): Fingerprint {
  const fields = detector.key
    .map((field) => lengthPrefixed(field, normalised(orderField(closed, field), detector.normalise[field])))
    .join('');
  return fingerprint(detector.id, lengthPrefixed('namespace', namespaceOf(closed.source)) + fields, digests);
}

/** Flag id: hex of a 128-bit hash of source and chargeId. A charge has one flag, whatever found it. */
export function flagIdOf(charge: ChargeRef, digests: Pick<PlainDigests, 'hash128'>): FlagId {
  return asFlagId(chargeHash(charge, digests));
}

/** Case id: the flag id that the original charge has or would have. */
export function caseIdOf(original: ChargeRef, digests: Pick<PlainDigests, 'hash128'>): CaseId {
  return asCaseId(chargeHash(original, digests));
}

/** Returns the hash that names a payer within its namespace; undefined where no payer is known. */
export function payerHashOf(
  { source, payer }: Charge,
  { digests, namespaceOf }: { readonly digests: Pick<PlainDigests, 'hash128'>; readonly namespaceOf: NamespaceOf },
): string | undefined {
  if (payer === undefined) return undefined;
  return digests.hash128(lengthPrefixed('namespace', namespaceOf(source)) + lengthPrefixed('payer', payer));
}

function chargeHash({ source, chargeId }: ChargeRef, digests: Pick<PlainDigests, 'hash128'>): string {
  return digests.hash128(lengthPrefixed('source', source) + lengthPrefixed('chargeId', chargeId));
}

function fingerprint(detectorId: string, text: string, digests: Digests): Fingerprint {
  return asFingerprint([detectorId, digests.keyVersion, digests.hmac128(text)].join(SEPARATOR));
}

function orderField(closed: { readonly merchant: string; readonly order: string }, field: ChargeField): string {
  if (field === 'merchant' || field === 'order') return closed[field];
  throw bug(`a detector marked "orders" has ${field} in its key`);
}

/** Name, length, value: no two lists of fields run together into the same text. */
function lengthPrefixed(name: string, value: string): string {
  return `${name}:${value.length}:${value};`;
}
