import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Ms, msSchema } from '../../core/brands.ts';
import { iso } from '../../core/clock-units.ts';
import type { AttestationOf, Restoring, Suspension } from '../../core/detection/suspensions.ts';
import { ATTESTATIONS } from '../../core/events/source.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeBody, type Item } from './stored-item.ts';
import { INCIDENT_KEYS } from './table-layouts.ts';

/** One partition: an operator lists it, and a healthy feed has none. */
export const [SUSPENSIONS_KEY] = INCIDENT_KEYS.suspensions;
const [RESTORATIONS_KEY] = INCIDENT_KEYS.restorations;

const of = { source: z.string(), merchant: z.string(), attestation: z.enum(ATTESTATIONS) };

const suspensionCodec = versionedCodec(
  'suspended attestation',
  z.strictObject({ ...of, order: z.string(), atMs: msSchema, sinceMs: msSchema, isAlerted: z.boolean() }),
);

/** A restoration as an operator gave it, kept for the record: no later one overwrites it. */
const actCodec = versionedCodec(
  'restored attestation',
  z.strictObject({ ...of, by: z.string(), reason: z.string(), atMs: msSchema }),
);

/** The beginning of the sort keys of one merchant, and of no other: a name with its length. */
export function merchantPrefix(merchant: string): string {
  return `${merchant.length}:${merchant}#`;
}

export function suspensionKeys({ source, merchant, attestation }: AttestationOf): Item {
  return marshall({ pk: SUSPENSIONS_KEY, sk: sortKeyOf({ source, merchant, attestation }) });
}

export function encodeSuspension(suspension: Suspension): Item {
  const body = suspensionCodec.encode(suspension);
  return { ...suspensionKeys(suspension), ...marshall({ body, sinceMs: suspension.sinceMs }) };
}

export function decodeSuspension(item: Item): Suspension {
  return decodeBody(suspensionCodec, item);
}

export function encodeRestoration(request: Restoring, atMs: Ms): Item {
  return marshall({
    pk: RESTORATIONS_KEY,
    sk: `${iso(atMs)}#${sortKeyOf(request)}`,
    body: actCodec.encode({ ...request, atMs }),
  });
}

function sortKeyOf({ source, merchant, attestation }: AttestationOf): string {
  return `${merchantPrefix(merchant)}${source.length}:${source}#${attestation}`;
}
