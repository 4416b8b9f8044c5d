import { printable } from '../core/events/field-path.ts';
import { withoutCardData } from '../core/events/without-card-data.ts';
import { type KeptRecord, type QuarantinedItem, recordsIn } from '../core/redrive/quarantined-item.ts';

/** Refused records that are alike. */
export interface RefusedGroup {
  readonly source: string | undefined;
  readonly reason: QuarantinedItem['reason'];
  readonly records: number;
}

export interface QuarantineReport {
  /** Most records first. */
  readonly groups: readonly RefusedGroup[];
  /** The newest ones, newest first. */
  readonly newest: readonly QuarantinedItem[];
  /** False where there were more records than one report counts. */
  readonly isWhole: boolean;
}

/** Reading this number takes a minute; a narrower question answers faster. */
export const COUNTED_MAX = 100_000;
const NO_SOURCE = '(no source)';
/** A screen of one record. */
const SHOWN_CHARACTERS_MAX = 8_000;
const NUMBER = new Intl.NumberFormat('en');

/** Counts records by source and reason, and keeps the newest. */
export async function reportOn(items: AsyncIterable<QuarantinedItem>, newestMax: number): Promise<QuarantineReport> {
  const groups = new Map<string, RefusedGroup>();
  let newest: QuarantinedItem[] = [];
  let counted = 0;
  for await (const item of items) {
    if (counted === COUNTED_MAX) return reportOf(groups, newest.slice(0, newestMax), false);
    counted += 1;
    const { source, reason } = item;
    const key = JSON.stringify([source ?? null, reason]);
    groups.set(key, { source, reason, records: (groups.get(key)?.records ?? 0) + recordsIn(item) });
    newest.push(item);
    if (newest.length >= 2 * newestMax) newest = newestOf(newest, newestMax);
  }
  return reportOf(groups, newestOf(newest, newestMax), true);
}

function reportOf(
  groups: ReadonlyMap<string, RefusedGroup>,
  newest: readonly QuarantinedItem[],
  isWhole: boolean,
): QuarantineReport {
  return { groups: [...groups.values()].sort((a, b) => b.records - a.records), newest, isWhole };
}

function newestOf(items: readonly QuarantinedItem[], max: number): QuarantinedItem[] {
  return items.toSorted((a, b) => (a.arrivedAt < b.arrivedAt ? 1 : -1)).slice(0, max);
}

export function describeReport({ groups, newest, isWhole }: QuarantineReport, status: string): string {
  if (groups.length === 0) return `No record of these is ${status} in quarantine.`;
  const total = groups.reduce((sum, { records }) => sum + records, 0);
  const more = total - newest.reduce((sum, item) => sum + recordsIn(item), 0);
  return [
    ...groups.map(
      ({ source = NO_SOURCE, reason, records }) => `${NUMBER.format(records).padStart(9)}  ${reason}  ${source}`,
    ),
    ...(isWhole ? [] : [`These are the first ${NUMBER.format(COUNTED_MAX)}; ask for fewer with --since or --source.`]),
    '',
    ...newest.map(describeRecord),
    ...(more > 0 ? [`${NUMBER.format(more)} older ones are not shown; show more with --limit.`] : []),
  ].join('\n');
}

/** One line: id, since when, of which source, and why. */
function describeRecord({ id, arrivedAt, source = NO_SOURCE, reason, detail }: QuarantinedItem): string {
  return `${id}  ${arrivedAt}  ${source}  ${reason}: ${detail}`;
}

/** All that is known of one item, and its record as it is stored; or its records, one a line. */
export function describeWhole(item: QuarantinedItem, records: readonly KeptRecord[], bucket: string): string {
  const { id, status, source = NO_SOURCE, reason, detail, arrivedAt, objectKey, byteCount, isMasked, history } = item;
  const rows: readonly (readonly [string, string])[] = [
    [item.records === undefined ? 'record' : 'item', id],
    ...(item.records === undefined ? [] : [['records', `${item.records}, stored together`] as const]),
    ['status', status],
    ['source', source],
    ['refused', `${reason}: ${detail}`],
    ['arrived', arrivedAt],
    ['stored', `s3://${bucket}/${objectKey}, ${byteCount} bytes came${isMasked ? ', card data is masked' : ''}`],
    ...history.map(({ what, at, by, reason: why }) => [what, `at ${at} by ${by}: ${why}`] as const),
  ];
  const shown = item.records === undefined ? records.map(({ bytes }) => shownBytes(bytes)) : records.map(describeKept);
  return [...rows.map(([name, value]) => `${name.padEnd(9)}  ${value}`), '', ...shown].join('\n');
}

function describeKept({ item: { id, arrivedAt, detail }, bytes }: KeptRecord): string {
  return `${id}  ${arrivedAt}  ${detail}\n  ${shownInLine(bytes)}`;
}

/** A record as a terminal may show it: indented where it is JSON, without card data and hidden characters, and cut. */
function shownBytes(bytes: Uint8Array): string {
  const lines = indented(new TextDecoder().decode(withoutCardData(bytes).bytes))
    .split('\n')
    .map(printable);
  const text = lines.join('\n');
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** A record in one line. */
export function shownInLine(bytes: Uint8Array): string {
  const line = printable(new TextDecoder().decode(withoutCardData(bytes).bytes));
  return line.length <= SHOWN_CHARACTERS_MAX ? line : `${line.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
