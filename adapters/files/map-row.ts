import { createHash } from 'node:crypto';
import type { Ms } from '../../core/brands.ts';
import { iso } from '../../core/clock-units.ts';
import { maskCardNumbers } from '../../core/events/find-card-numbers.ts';
import { isCurrency, minorDigits } from '../../core/events/money.ts';
import type { AmountRule, EventMap, EventType, TimeRule, TokenRule } from './event-map.ts';
import { isRow, type Row } from './rows.ts';

export type MappedRow =
  | { readonly kind: 'event'; readonly wire: Readonly<Record<string, unknown>> }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly detail: string };

/** A row that the map cannot read; the message names the field and the column, and repeats no more than the bad value. */
export class RowError extends Error {
  constructor(message: string) {
    super(maskCardNumbers(message));
  }
}
export class RowSkip extends Error {}

/** Types whose own fact is an amount. */
const NEEDS_AMOUNT: ReadonlySet<EventType> = new Set(['charge.captured', 'charge.adjusted']);
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };

/** Turns a row of somebody's file into a payment event by the map. Same row, same event, its id included. */
export function mapRow(row: Row, map: EventMap): MappedRow {
  try {
    return { kind: 'event', wire: toWire(row, map) };
  } catch (error) {
    if (error instanceof RowSkip) return { kind: 'skipped', reason: error.message };
    if (error instanceof RowError) return { kind: 'unusable', detail: error.message };
    throw error;
  }
}

function toWire(row: Row, map: EventMap): Readonly<Record<string, unknown>> {
  leaveOut(row, map.skip);
  const type = typeOf(row, map);
  const token = (rule: TokenRule | undefined) => (rule === undefined ? undefined : tokenOf(row, rule));
  const source = token(map.source);
  const time = timeOf(row, map.time);
  const subject = type === 'order.closed' ? orderData(map, token) : chargeData(row, map, { type, token });
  const id = token(map.id) ?? contentId([source, type, subject.chargeId ?? subject.order, time]);
  const present = Object.fromEntries(Object.entries(subject).filter(([, value]) => value !== undefined));
  return { specversion: '1.0', id, source, type, time, data: present };
}

/** @throws RowSkip for a row that the map says to leave out. */
export function leaveOut(row: Row, rules: EventMap['skip']): void {
  for (const { column, in: values, reason } of rules) {
    if (values.includes(cell(row, column) ?? '')) throw new RowSkip(reason);
  }
}

type Token = (rule: TokenRule | undefined) => string | undefined;

function orderData(map: EventMap, token: Token): Readonly<Record<string, unknown>> {
  return { merchant: token(map.merchant), order: token(map.order), outcome: token(map.outcome) };
}

function chargeData(row: Row, map: EventMap, { type, token }: { type: EventType; token: Token }) {
  const currency = token(map.currency);
  const amount = amountOf(row, { rule: map.amount, currency, isNeeded: NEEDS_AMOUNT.has(type) });
  const charge = {
    chargeId: token(map.chargeId),
    payer: token(map.payer),
    merchant: token(map.merchant),
    order: token(map.order),
    part: token(map.part),
    instrument: token(map.instrument),
    channel: token(map.channel),
    mcc: token(map.mcc),
    payment: token(map.payment),
    amount,
  };
  if (type === 'charge.captured') return { ...charge, orderTotal: orderTotalOf(row, map.orderTotal, currency) };
  if (type === 'charge.refunded') {
    const minor = (field: 'refundedTotal' | 'refundAmount') =>
      optionalMinorOf(row, { rule: map[field], currency, field });
    const [refundId, refundStatus] = [token(map.refundId), token(map.refundStatus)];
    const refund = {
      refundedTotal: minor('refundedTotal'),
      refundId,
      refundAmount: minor('refundAmount'),
      refundStatus,
    };
    return { ...charge, ...refund, reference: token(map.reference) };
  }
  if (type === 'charge.disputed') {
    const open = BOOLEANS[(token(map.open) ?? '').toLowerCase()];
    if (open === undefined) throw new RowError('open: must be true or false (1 or 0)');
    return { ...charge, open, wonBy: token(map.wonBy) };
  }
  return charge;
}

/** Many shops know it for a part of their rows. */
function orderTotalOf(row: Row, rule: AmountRule | undefined, currency: string | undefined) {
  const value = optionalMinorOf(row, { rule, currency, field: 'orderTotal' });
  return value === undefined ? undefined : { value, currency };
}

/** An event after the capture may leave its charge's amount out. */
function amountOf(
  row: Row,
  { rule, currency, isNeeded }: { rule: AmountRule | undefined; currency: string | undefined; isNeeded: boolean },
) {
  if (rule === undefined) return undefined;
  const value = (isNeeded ? minorOf : optionalMinorOf)(row, { rule, currency, field: 'amount' });
  return value === undefined ? undefined : { value, currency };
}

function optionalMinorOf(
  row: Row,
  { rule, currency, field }: { rule: AmountRule | undefined; currency: string | undefined; field: string },
) {
  if (rule === undefined || cell(row, typeof rule === 'string' ? rule : rule.column) === undefined) return undefined;
  return minorOf(row, { rule, currency, field });
}

function typeOf(row: Row, { type }: EventMap): EventType {
  if ('const' in type) return type.const;
  const found = cell(row, type.column) ?? '';
  const target = Object.hasOwn(type.values, found) ? type.values[found] : undefined;
  if (target === undefined) {
    throw new RowError(
      `type: ${quote(found)} in column ${type.column}; the map knows ${Object.keys(type.values).join(', ')}`,
    );
  }
  if (target === 'skip') throw new RowSkip(`type ${found}`);
  if (typeof target === 'object') throw new RowSkip(target.skip);
  return target;
}

export function tokenOf(row: Row, rule: TokenRule): string | undefined {
  if (typeof rule === 'string') return cell(row, rule);
  if ('const' in rule) return rule.const;
  const found = cell(row, rule.column);
  if (found === undefined || rule.values === undefined) return found;
  return Object.hasOwn(rule.values, found) ? rule.values[found] : found;
}

export function minorOf(
  row: Row,
  { rule, currency, field }: { rule: AmountRule; currency: string | undefined; field: string },
) {
  const { column, decimal = false, negative } = typeof rule === 'string' ? { column: rule } : rule;
  const text = (cell(row, column) ?? '').trim();
  const point = decimal === ',' ? ',' : '.';
  const match = /^(-?)(\d+)(?:[.,](\d+))?$/.exec(text);
  const fraction = match?.[3] ?? '';
  if (match === null || (fraction !== '' && !(decimal !== false && text.includes(point)))) {
    throw new RowError(
      `${field}: ${quote(text)} in column ${column} is not ${decimal === false ? 'minor units' : 'a decimal amount'}`,
    );
  }
  if (match[1] === '-') {
    if (typeof negative === 'object') throw new RowSkip(negative.skip);
    if (negative === 'skip') throw new RowSkip(`negative ${field}`);
    if (negative !== 'absolute')
      throw new RowError(
        `${field}: ${quote(text)} in column ${column} is negative and the map does not say what that means`,
      );
  }
  const digits = decimal === false ? 0 : digitsOf(currency);
  if (/[1-9]/.test(fraction.slice(digits))) {
    throw new RowError(`${field}: ${quote(text)} in column ${column} has more digits than ${currency} has`);
  }
  return Number(`${match[2]}${fraction.slice(0, digits).padEnd(digits, '0')}`);
}

function digitsOf(currency: string | undefined): number {
  if (currency === undefined || !isCurrency(currency)) {
    throw new RowError(`currency: ${quote(currency ?? '')} is not an upper-case ISO 4217 code`);
  }
  return minorDigits(currency);
}

export function timeOf(row: Row, rule: TimeRule): string {
  const { column, format = 'iso', zone = 'Z' } = typeof rule === 'string' ? { column: rule } : rule;
  const text = (cell(row, column) ?? '').trim();
  const timeMs =
    format === 'epoch-s'
      ? Number(text || NaN) * 1000
      : format === 'epoch-ms'
        ? Number(text || NaN)
        : wallTimeMs(text, { format, zone });
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) {
    throw new RowError(`time: ${quote(text)} in column ${column} is not of the format ${format}`);
  }
  return iso(timeMs);
}

const PATTERN_PARTS = ['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss', 'SSS'];

function wallTimeMs(text: string, { format, zone }: { format: string; zone: string }): Ms {
  if (format === 'iso') return /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  const names: string[] = [];
  const pattern = format.replace(/yyyy|MM|dd|HH|mm|ss|SSS|[^a-zA-Z0-9 ]/g, (part) => {
    if (!PATTERN_PARTS.includes(part)) return `\\${part}`;
    names.push(part);
    return `(\\d{${part.length}})`;
  });
  const match = new RegExp(`^${pattern}$`).exec(text);
  if (match === null) return Number.NaN;
  const part = (name: string, missing: string) =>
    match[names.indexOf(name) + 1] && names.includes(name) ? match[names.indexOf(name) + 1] : missing;
  const day = `${part('yyyy', '')}-${part('MM', '01')}-${part('dd', '01')}`;
  const timeMs = Date.parse(
    `${day}T${part('HH', '00')}:${part('mm', '00')}:${part('ss', '00')}.${part('SSS', '000')}${zone}`,
  );
  // Date.parse takes 31 April for 1 May; a file that holds such a day is not of this format.
  const isRealDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ?? false;
  return isRealDay ? timeMs : Number.NaN;
}

/** The text of a column; a dotted name reaches into an object of an NDJSON row. Blank is absent. */
function cell(row: Row, column: string): string | undefined {
  let value: unknown = Object.hasOwn(row, column) ? row[column] : undefined;
  if (value === undefined && column.includes('.')) {
    value = row;
    for (const step of column.split('.')) value = isRow(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  const text = String(value);
  return text.trim() === '' ? undefined : text;
}

function contentId(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
