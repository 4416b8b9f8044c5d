import type { Ms } from '../brands.ts';
import { iso } from '../clock-units.ts';
import { epochMs } from '../events/event-time.ts';
import { isRepeatedOrTooDeep } from '../events/json-members.ts';
import { parseEvent, type QuarantineReason } from '../events/parse-event.ts';
import { partitionKeyOf } from '../events/partition-key.ts';
import { type SignerOf, signEvent } from '../events/sign-event.ts';
import type { EventRules } from '../events/source.ts';
import { isEventTime } from '../events/wire-event.ts';
import type { StreamedRecord } from './dead-letter.ts';
import { type FieldMove, isObject, type JsonObject, moveField } from './field-moves.ts';
import type { QuarantinedItem } from './quarantined-item.ts';

/** How refused records become events that can be judged. */
export type RepairRule =
  /** They go back as they came: what refused them has changed since. */
  | { readonly kind: 'release' }
  /** This event goes in the place of one record. */
  | { readonly kind: 'replace'; readonly bytes: Uint8Array }
  /** One mistake of a whole feed: fields under other names, then a time that is off by a constant. */
  | { readonly kind: 'change'; readonly moves: readonly FieldMove[]; readonly shiftMs: Ms };

/** Why a record cannot go back: it would be quarantined again, its bytes are not what came, or the rule does not fit. */
export type RepairFault = QuarantineReason | 'masked' | 'rule';

export type Repaired =
  | { readonly kind: 'sendable'; readonly record: StreamedRecord }
  | { readonly kind: 'refused'; readonly reason: RepairFault; readonly detail: string };

const MASKED = 'its card data was masked when it was stored; have the processor send it again';
const FORGED = 'its source has not signed what came; have the source send the event again, signed';
const AMBIGUOUS = 'the record is no JSON object with each name once; replace it by --with FILE';

export interface RepairMeans {
  readonly rule: RepairRule;
  /** What the stage accepts, with its signatures. */
  readonly rules: EventRules;
  readonly signerOf: SignerOf;
}

/**
 * Applies a rule to one record and asks `parseEvent` whether the outcome can be judged. The event is checked against the
 * time at which the record came: waiting makes no event time right. Whether a conflict or a full window is over, detection
 * says.
 *
 * A changed event of a source that signs is signed anew, and only where the source has signed what came. All other events
 * must have the source's own signature.
 */
export function repair(item: QuarantinedItem, kept: Uint8Array, means: RepairMeans): Repaired {
  const { rule, rules } = means;
  // Items of version 1 have no mark: a mask changed the length.
  const isMasked = item.isMasked === true || kept.byteLength !== item.byteCount;
  if (rule.kind !== 'replace' && isMasked) return refused('masked', MASKED);
  const arrivedMs = Date.parse(item.arrivedAt);
  const changed = changedBy(kept, arrivedMs, means);
  if (changed.kind === 'refused') return changed;
  const { bytes } = changed;
  const parsed = parseEvent(bytes, arrivedMs, rules);
  if (parsed.kind === 'rejected') return refused(parsed.reason, parsed.detail);
  return { kind: 'sendable', record: { partitionKey: partitionKeyOf(parsed.event), bytes } };
}

type Changed = { readonly kind: 'changed'; readonly bytes: Uint8Array } | Extract<Repaired, { kind: 'refused' }>;

function changedBy(kept: Uint8Array, arrivedMs: Ms, { rule, ...means }: RepairMeans): Changed {
  switch (rule.kind) {
    case 'release':
      return { kind: 'changed', bytes: kept };
    case 'replace':
      return { kind: 'changed', bytes: rule.bytes };
    case 'change': {
      const original = objectIn(kept);
      if (original === undefined) return refused('rule', AMBIGUOUS);
      let event = original;
      for (const move of rule.moves) {
        const moved = moveField(event, move);
        if (moved.kind === 'refused') return refused('rule', moved.detail);
        event = moved.event;
      }
      const moved = shifted(event, rule.shiftMs);
      return moved.kind === 'refused' ? moved : signedAnew(moved.event, { original, arrivedMs, ...means });
    }
  }
}

function shifted(
  event: JsonObject,
  shiftMs: Ms,
): { readonly kind: 'shifted'; readonly event: JsonObject } | Extract<Repaired, { kind: 'refused' }> {
  if (shiftMs === 0) return { kind: 'shifted', event };
  const { time } = event;
  if (!isEventTime(time)) return refused('rule', 'time is not there, or is no RFC 3339 time');
  return { kind: 'shifted', event: { ...event, time: iso(epochMs(time) + shiftMs) } };
}

/** Our signature takes the place of the source's: it must not be the first one that the event gets. */
function signedAnew(
  event: JsonObject,
  {
    original,
    arrivedMs,
    rules,
    signerOf,
  }: Omit<RepairMeans, 'rule'> & { readonly original: JsonObject; readonly arrivedMs: Ms },
): Changed {
  const source = typeof event.source === 'string' ? rules.sourceOf(event.source) : undefined;
  if (source?.signing !== 'required') return changed(event);
  const authenticity = rules.signatures?.authenticityOf(original, source.id, arrivedMs);
  if (authenticity?.kind !== 'authentic') return refused('unauthentic', FORGED);
  const unsigned = Object.entries(event).filter(([name]) => name !== 'sigkid' && name !== 'sig');
  const { bytes } = changed(Object.fromEntries(unsigned));
  return { kind: 'changed', bytes: signEvent(bytes, signerOf) };
}

function changed(event: JsonObject): Extract<Changed, { kind: 'changed' }> {
  return { kind: 'changed', bytes: new TextEncoder().encode(JSON.stringify(event)) };
}

/** Undefined for what two programs could read in two ways: written anew, it would have one reading that nobody chose. */
function objectIn(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const json: unknown = JSON.parse(text);
    return isObject(json) && !isRepeatedOrTooDeep(text, json, bytes) ? json : undefined;
  } catch {
    return undefined;
  }
}

function refused(reason: RepairFault, detail: string): Extract<Repaired, { kind: 'refused' }> {
  return { kind: 'refused', reason, detail };
}
