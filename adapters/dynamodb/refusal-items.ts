import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Ms, msSchema } from '../../core/brands.ts';
import { DAY_S, iso } from '../../core/clock-units.ts';
import { QUARANTINE_REASONS, type QuarantineReason } from '../../core/events/parse-event.ts';
import type { RefusalNotice, RefusedSource } from '../../core/incidents/refusals.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeBody, decodeItem, type Item, textOf } from './stored-item.ts';

const KEEP_S = 2 * DAY_S;
const COUNT = 'count#';
const NOTICE = 'notice#';

const text = z.string();
const count = z.int().nonnegative();
const reason = z.enum(QUARANTINE_REASONS);
const byReason = z.partialRecord(reason, count);

/** The first refusal of one source and reason in an hour. The counted records are a set beside it. */
export const refusalCountCodec = versionedCodec('count of refusals', z.object({ firstAtMs: msSchema }));

export const refusalNoticeCodec = versionedCodec(
  'notice of a refused source',
  z.strictObject({
    source: text.exactOptional(),
    hourMs: msSchema,
    byReason,
    refused: count,
    accepted: count,
    noticedAtMs: msSchema,
    isSent: z.boolean(),
  }),
);

/** One partition an hour. It takes few writes: a counter that is full is written no more. */
export function refusalsKey(hourMs: Ms): string {
  return `refused#${iso(hourMs).slice(0, 13)}`;
}

/** All sources that are not registered share the empty name, which no registered source can have. */
export function countKey(reasonOf: QuarantineReason, source: string | undefined): string {
  return `${COUNT}${reasonOf}#${source ?? ''}`;
}

function noticeKey(source: string | undefined): string {
  return `${NOTICE}${source ?? ''}`;
}

export function expiryOf(hourMs: Ms): number {
  return Math.ceil(hourMs / 1_000) + KEEP_S;
}

export function encodeNotice(notice: RefusalNotice): Item {
  const { source, ...rest } = notice;
  const body = refusalNoticeCodec.encode({ ...(source !== undefined && { source }), ...rest });
  const keys = { pk: refusalsKey(notice.hourMs), sk: noticeKey(source) };
  return marshall({ ...keys, ttl: expiryOf(notice.hourMs), body });
}

/** Reads an hour's items: the counters of each source together, and its notice if there is one. */
export function decodeRefusals(items: readonly Item[]): readonly RefusedSource[] {
  const notices = new Map(items.filter(isNotice).map(decodeNotice));
  const counts = Map.groupBy(items.filter((item) => !isNotice(item)).map(decodeCount), ({ source }) => source);
  return [...counts].map(([source, ofSource]) => ({
    source,
    byReason: Object.fromEntries(ofSource.map((each) => [each.reason, each.records])),
    firstAtMs: Math.min(...ofSource.map(({ firstAtMs }) => firstAtMs)),
    notice: notices.get(source),
  }));
}

function isNotice(item: Item): boolean {
  return textOf(item, 'sk').startsWith(NOTICE);
}

function decodeNotice(item: Item): [string | undefined, RefusalNotice] {
  const { source, ...rest } = decodeBody(refusalNoticeCodec, item);
  return [source, { source, ...rest }];
}

function decodeCount(item: Item) {
  const [, reasonOf, ...source] = textOf(item, 'sk').split('#');
  const { firstAtMs } = decodeItem(refusalCountCodec, item);
  return {
    reason: reason.parse(reasonOf),
    // A name may have the separator in it.
    source: source.join('#') || undefined,
    records: item.ids?.SS?.length ?? 0,
    firstAtMs,
  };
}
