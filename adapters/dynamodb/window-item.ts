import * as z from 'zod';
import { asFingerprint, asFlagId, type Minor, type Ms, minorSchema, msSchema } from '../../core/brands.ts';
import type { ChargeWindow, Likeness, WindowEntry } from '../../core/detection/charge-window.ts';
import type { FoundWindow } from '../../core/detection/window-store.ts';
import { Fault } from '../../core/fault.ts';
import { jsonOf, versionedCodec } from '../../core/versioned.ts';
import type { ChargeItem } from './charge-items.ts';
import { partsOf, ttlOf } from './stored-charge-item.ts';
import type { Item } from './stored-item.ts';

const set = z.literal(true).exactOptional();
const sequence = z.int().nonnegative();

/** Record id, sequence, event time, how much later the window began to remember it, digests of `same` and payer. */
const originalSchema = z.tuple([z.string(), sequence, msSchema, sequence, z.string(), z.string()]);
/** The same with the original's record and the deciding detector. */
const duplicateSchema = z.tuple([...originalSchema.def.items, z.string(), z.string()]);

/**
 * The facts of a window: an entry is a list, whose names would cost more than its values. The schema is compiled: `detect`
 * reads windows for each duplicate, and a compiled schema costs a fifth of what parsing the JSON text costs, one that is
 * not compiled two thirds.
 */
export const windowCodec = versionedCodec(
  'charge window',
  z.compile(
    z.strictObject({
      detector: z.string(),
      expiresAtMs: msSchema,
      entries: z.array(z.union([originalSchema, duplicateSchema])),
      totals: z
        .array(
          z.strictObject({
            currency: z.string(),
            totalMinor: minorSchema,
            atMs: msSchema,
            source: z.string(),
            highestMinor: minorSchema,
          }),
        )
        .exactOptional(),
      /** Digest of the payment by sequence, where told. */
      payments: z.array(z.tuple([sequence, z.string()])).exactOptional(),
      /** In the order of the entries; only under a detector with `near`. */
      amountsMinor: z.array(minorSchema).exactOptional(),
      /** Further amounts of charges: the entry's place in the list, the digest of `same`, under a detector with `near` the amount. */
      also: z
        .array(z.union([z.tuple([sequence, z.string()]), z.tuple([sequence, z.string(), minorSchema])]))
        .exactOptional(),
      closed: z
        .strictObject({
          owed: z.union([z.literal(0), z.literal(1)]),
          atMs: msSchema,
          source: z.string(),
          afterPaid: set,
          stale: set,
          overrules: set,
          contradictedBy: z.string().exactOptional(),
        })
        .exactOptional(),
    }),
  ),
);

/** A list has no place that may be left out. */
const NO_PAYER = '';

type StoredEntry = z.output<typeof originalSchema> | z.output<typeof duplicateSchema>;

type StoredLikeness = readonly [number, string] | readonly [number, string, Minor];

export function encodeWindow(window: ChargeWindow): ChargeItem {
  const { fingerprint, version, decisiveVersion, entries, ...facts } = window;
  const amounts = entries.flatMap(({ amountMinor }) => amountMinor ?? []);
  const payments = entries.flatMap(({ seq, payment }): [number, string][] =>
    payment === undefined ? [] : [[seq, payment]],
  );
  const also = entries.flatMap(encodeFurther);
  const { totals, ...rest } = facts;
  const parts = {
    ...rest,
    entries: entries.map(encodeEntry),
    ...(totals !== undefined && { totals: [...totals] }),
    ...(amounts.length > 0 && { amountsMinor: amounts }),
    ...(payments.length > 0 && { payments }),
    ...(also.length > 0 && { also }),
  };
  return {
    pk: fingerprint,
    version,
    decisiveVersion,
    facts: JSON.stringify(windowCodec.encode(parts)),
    ttl: ttlOf(window.expiresAtMs),
  };
}

/** Reads a window's item. An expired window is dropped, its version stays. */
export function decodeWindow(item: Item, nowMs: Ms): FoundWindow {
  const { pk, version, text } = partsOf(item, windowCodec.what);
  const { amountsMinor, payments, also, ...facts } = decodeFacts(text, pk);
  const paymentOf = new Map(payments);
  const decisiveVersion = Number(item.d?.N);
  if (!Number.isSafeInteger(decisiveVersion)) {
    throw new Fault('unreadable-item', `charge window ${pk} lacks its decisive version`);
  }
  if (facts.expiresAtMs <= nowMs) return { window: undefined, version };
  const further = also && Map.groupBy(also, ([place]) => place);
  const entries = facts.entries.map((stored, at) =>
    decodeEntry(stored, {
      amountMinor: amountsMinor?.[at],
      payment: paymentOf.get(stored[1]),
      also: further?.get(at)?.map(decodeFurther),
    }),
  );
  return { window: { fingerprint: asFingerprint(pk), version, decisiveVersion, ...facts, entries }, version };
}

function encodeEntry({ id, seq, timeMs, sinceMs, same, payer, verdict }: WindowEntry): StoredEntry {
  const original: z.output<typeof originalSchema> = [id, seq, timeMs, sinceMs - timeMs, same, payer ?? NO_PAYER];
  return verdict.kind === 'original' ? original : [...original, verdict.root, verdict.detector];
}

function encodeFurther({ also = [] }: WindowEntry, place: number): readonly StoredLikeness[] {
  return also.map(({ same, amountMinor }) => (amountMinor === undefined ? [place, same] : [place, same, amountMinor]));
}

function decodeFurther([, same, amountMinor]: StoredLikeness): Likeness {
  return { same, ...(amountMinor !== undefined && { amountMinor }) };
}

function decodeEntry(
  stored: StoredEntry,
  { amountMinor, payment, also }: Pick<WindowEntry, 'amountMinor' | 'payment' | 'also'>,
): WindowEntry {
  const [id, seq, timeMs, laterMs, same, payer, root, detector] = stored;
  const verdict =
    root === undefined || detector === undefined
      ? ({ kind: 'original' } as const)
      : ({ kind: 'duplicate', root: asFlagId(root), detector } as const);
  return {
    id: asFlagId(id),
    seq,
    timeMs,
    sinceMs: timeMs + laterMs,
    same,
    ...(amountMinor !== undefined && { amountMinor }),
    ...(payment !== undefined && { payment }),
    ...(also !== undefined && { also }),
    payer: payer === NO_PAYER ? undefined : payer,
    verdict,
  };
}

function decodeFacts(text: string, key: string): z.output<typeof windowCodec.schema> {
  const stored = jsonOf(text, windowCodec.what, key);
  const facts = windowCodec.upcast(stored, key);
  // What only has to be checked needs no copy, which costs a third of the check; `decode` then says what is wrong.
  return windowCodec.schema.validate(facts) ? facts : windowCodec.decode(stored, key);
}
