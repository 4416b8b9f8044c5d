import * as z from 'zod';
import type { Ms } from '../brands.ts';
import { MINUTE_MS } from '../clock-units.ts';
import { type CardField, fieldWithCardNumber } from './card-data.ts';
import { ERASED, isErased } from './erased-payer.ts';
import { tokenWithHiddenCharacter } from './hidden-characters.ts';
import { JSON_DEPTH_MAX, outlineOf, repeatedMember } from './json-members.ts';
import type { PaymentEvent } from './payment-event.ts';
import { type Authenticity, NOT_YET_SIGNED } from './signatures.ts';
import { type EventRules, maySpeakOf, type Source } from './source.ts';
import { TEST_MARKS, testMarkOf } from './test-mode.ts';
import { type PaymentEventWire, paymentEventSchema, toPaymentEvent, totalProblem } from './wire-event.ts';

/** Why an event is quarantined. The last two are found by detection, all others here. */
export const QUARANTINE_REASONS = [
  'too-large',
  'not-json',
  'unauthentic',
  'schema',
  'test',
  'unknown-source',
  'not-entitled',
  'card-number',
  'future',
  'conflict',
  'overflow',
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

export type ParseResult =
  | { readonly kind: 'event'; readonly event: PaymentEvent }
  | {
      readonly kind: 'rejected';
      readonly reason: QuarantineReason;
      readonly detail: string;
      /** Its signature names a key that was not known: it may be newer than what was read. */
      readonly isKeyUnknown?: true;
    };

/** An event is a few hundred bytes; ten times the largest seen is still far below this. */
export const EVENT_BYTES_MAX = 32 * 1024;
/** Clocks of processors drift; what is further ahead is a wrong unit or a wrong zone. */
export const AHEAD_MS_MAX = 5 * MINUTE_MS;

const UTF8 = new TextDecoder('utf-8', { fatal: true });
/**
 * A validator for each type of event, generated from its schema: what is valid passes at a tenth of the cost. Keyed by
 * type, for a compiled union builds its output even where nobody reads it.
 */
const VALIDATORS = new Map(
  paymentEventSchema.options.map((option) => [option.shape.type.value as string, z.compile(option)]),
);
const HIDING = 'must not have control characters, bidirectional marks or line separators; take them out';
const RESERVED = `must not begin with "${ERASED}", which stands for an erased payer; send the payer's token`;
const NAMELESS = 'is a placeholder, which names nothing; send the id, or change "placeholders" in the configuration';

/**
 * Reads one stream record. Never throws: a record that cannot be understood, or that its source may not send, is
 * `rejected` with a reason and a detail that names the field but repeats no value, so that it may be logged.
 *
 * @param arrivedMs when the record reached the stream, ms since the epoch: the same at each redelivery, so that the
 *   answer is too.
 */
export function parseEvent(bytes: Uint8Array, arrivedMs: Ms, rules: EventRules): ParseResult {
  if (bytes.byteLength > EVENT_BYTES_MAX) {
    return rejected('too-large', `${bytes.byteLength} bytes; the limit is ${EVENT_BYTES_MAX}`);
  }
  let text: string;
  let json: unknown;
  try {
    text = UTF8.decode(bytes);
    json = JSON.parse(text);
  } catch {
    return rejected('not-json', 'the record is not one JSON object in UTF-8');
  }
  const ambiguity = ambiguityOf(json, text, bytes);
  if (ambiguity !== undefined) return rejected('schema', ambiguity);
  const authenticity = authenticityOf(json, arrivedMs, rules);
  if (authenticity.kind === 'unauthentic') return { ...authenticity, kind: 'rejected', reason: 'unauthentic' };
  if (!isPaymentEvent(json)) {
    const [reason, detail] = explain(json);
    return rejected(reason, detail);
  }
  if (authenticity.kind === 'unsignable') return rejected('unauthentic', 'a field has a value that cannot be signed');
  const testMark = testMarkOf(json);
  if (testMark !== undefined) return rejected('test', testEvent(testMark));
  const plain = isPlain(text, bytes);
  const problem = problemOf(json, plain, rules);
  if (problem !== undefined) return rejected('schema', problem);
  const event = toPaymentEvent(json, rules.isPlaceholder);
  const source = rules.sourceOf(json.source);
  if (source === undefined) {
    return rejected('unknown-source', 'source is not registered; add it to "sources" in the configuration');
  }
  const excess = excessOf(event, source);
  if (excess !== undefined) return rejected('not-entitled', excess);
  const searched = authenticity.kind === 'authentic' ? withoutSignature(json) : json;
  const cardField = fieldWithCardNumber(searched, source, plain);
  if (cardField !== undefined) return rejected('card-number', cardNumberIn(cardField));
  if (event.timeMs > arrivedMs + AHEAD_MS_MAX) {
    return rejected('future', `time is ${Math.round((event.timeMs - arrivedMs) / 1000)} s ahead of its arrival`);
  }
  return { kind: 'event', event };
}

/** Another reader may take the first of two members, or stop where we go on. */
function ambiguityOf(json: unknown, text: string, bytes: Uint8Array): string | undefined {
  const outline = outlineOf(bytes);
  if (outline.isTooDeep) return `event: nests deeper than ${JSON_DEPTH_MAX} levels; send what the schema names`;
  const repeated = repeatedMember(text, json, outline);
  return repeated === undefined ? undefined : `${repeated} appears twice; send it once`;
}

/** An event of a source that need not sign, or of none, says what it says: the registry decides. */
function authenticityOf(json: unknown, arrivedMs: Ms, { sourceOf, signatures }: EventRules): Authenticity {
  if (signatures === NOT_YET_SIGNED) return { kind: 'unsigned' };
  const source = isRecord(json) && typeof json.source === 'string' ? sourceOf(json.source) : undefined;
  if (!isRecord(json) || source?.signing !== 'required') return { kind: 'unsigned' };
  if (signatures === undefined) return { kind: 'unauthentic', detail: 'no key is at hand to check the signature' };
  return signatures.authenticityOf(json, source.id, arrivedMs);
}

/** A signature that was checked is a digest: it holds no card number. */
function withoutSignature({ sig: _, ...event }: PaymentEventWire): { readonly [name: string]: unknown } {
  return event;
}

/** ASCII without escapes or a DELETE: nothing in it can be a control or look like another character. */
function isPlain(text: string, bytes: Uint8Array): boolean {
  return text.length === bytes.length && !text.includes('\\') && !text.includes('\x7f');
}

function isPaymentEvent(json: unknown): json is PaymentEventWire {
  const type = isRecord(json) ? json.type : undefined;
  return typeof type === 'string' && VALIDATORS.get(type)?.validate(json) === true;
}

/** What the schema cannot say, or could say only at a price that every event would pay. */
function problemOf(json: PaymentEventWire, plain: boolean, rules: EventRules): string | undefined {
  const hiding = plain ? undefined : tokenWithHiddenCharacter(json);
  if (hiding !== undefined) return `${hiding}: ${HIDING}`;
  if ('payer' in json.data && isErased(String(json.data.payer))) return `data.payer: ${RESERVED}`;
  const nameless = fieldWithoutName(json, rules);
  if (nameless !== undefined) return `data.${nameless}: ${NAMELESS}`;
  return json.type === 'charge.captured' ? totalProblem(json.data) : undefined;
}

/** What must be named cannot be absent: charges without a merchant would meet on the placeholder. */
function fieldWithoutName(json: PaymentEventWire, { isPlaceholder }: EventRules): string | undefined {
  if (json.type === 'order.closed') {
    if (isPlaceholder(json.data.merchant)) return 'merchant';
    return isPlaceholder(json.data.order) ? 'order' : undefined;
  }
  if (json.type === 'charge.captured' && isPlaceholder(json.data.merchant)) return 'merchant';
  if (isPlaceholder(json.data.chargeId)) return 'chargeId';
  if (json.type !== 'charge.refunded' || json.data.refundedTotal != null) return undefined;
  return json.data.refundId != null && isPlaceholder(json.data.refundId) ? 'refundId' : undefined;
}

function rejected(reason: QuarantineReason, detail: string): ParseResult {
  return { kind: 'rejected', reason, detail };
}

/**
 * What the event says beyond the rights of its source; undefined when it says nothing beyond them. An event after the
 * capture may leave the merchant out. It needs no check then: a charge is named by source and charge id together, so that
 * it can speak only of a charge whose capture the same source has told, and that capture was checked here.
 */
function excessOf(event: PaymentEvent, source: Source): string | undefined {
  if (!source.tells.has(event.kind)) {
    return `type: the source may not send ${event.kind}; add it to "tells" of the source if it should`;
  }
  const { merchant } = event.kind === 'order.closed' ? event : event.charge;
  if (merchant === undefined || maySpeakOf(source, merchant)) return undefined;
  return 'data.merchant: the source may not speak of this merchant; add it to "merchants" of the source if it should';
}

function cardNumberIn({ path, isToken }: CardField): string {
  return isToken
    ? `${path} holds a card number; send the processor's token instead, or name its format in "tokens" of the source`
    : `${path} holds a card number; leave the field out, for nothing reads it`;
}

function testEvent(mark: string): string {
  return `${mark} marks a test event, which moved no money; send test events to a stage of their own`;
}

/** A test event needs no repair, whatever else it lacks. */
function explain(json: unknown): ['schema' | 'test', string] {
  const issues = paymentEventSchema.safeParse(json).error?.issues ?? [];
  const detail = issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`)
    .join('; ');
  const type = isRecord(json) ? json.type : undefined;
  const isMarkWrong = issues.some(({ path }) => TEST_MARKS.has(String(path.at(-1))));
  const isKnown = typeof type === 'string' && VALIDATORS.has(type);
  const testMark = isRecord(json) && isKnown && !isMarkWrong ? testMarkOf(json) : undefined;
  return testMark === undefined ? ['schema', detail] : ['test', testEvent(testMark)];
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
