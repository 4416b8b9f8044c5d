import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { EVENT_KINDS } from '../../core/events/source.ts';
import { UserError } from '../../core/user-error.ts';
import { isRow } from './rows.ts';

/** A token comes from a column of the row, or is the same for every row. docs/replay.md explains each form. */
const columnName = z.string().min(1, 'must name a column');
export const tokenRule = z.union(
  [
    columnName,
    z.strictObject({ const: z.string().min(1) }),
    z.strictObject({ column: columnName, values: z.record(z.string(), z.string()).optional() }),
  ],
  { error: 'must be a column name, {"const": "…"} or {"column": "…", "values": {…}}' },
);

const eventType = z.enum(EVENT_KINDS, { error: `must be one of ${EVENT_KINDS.join(', ')}` });
const skipRule = z.strictObject({ skip: z.string().min(1, 'must say why such rows are skipped') });
const typeTarget = z.union([eventType, z.literal('skip'), skipRule], {
  error: `must be one of ${EVENT_KINDS.join(', ')}, "skip" or {"skip": "why"}`,
});
const typeRule = z.union(
  [
    z.strictObject({ const: eventType }),
    z.strictObject({ column: columnName, values: z.record(z.string(), typeTarget) }),
  ],
  { error: `must be {"const": T} or {"column": "…", "values": {"…": T}}, T one of ${EVENT_KINDS.join(', ')}, "skip"` },
);

/** An amount in minor units, or a decimal number whose minor digits are those of its currency. */
export const amountRule = z.union(
  [
    columnName,
    z.strictObject({
      column: columnName,
      decimal: z.union([z.boolean(), z.enum(['.', ','])]).optional(),
      negative: z.union([z.enum(['skip', 'absolute']), skipRule]).optional(),
    }),
  ],
  { error: 'must be a column name or {"column": "…", "decimal": true | "." | ",", "negative": "skip" | "absolute"}' },
);

export const timeRule = z.union(
  [
    columnName,
    z.strictObject({
      column: columnName,
      format: z
        .string()
        .refine(
          (format) => ['iso', 'epoch-s', 'epoch-ms'].includes(format) || /yyyy/.test(format),
          'must be "iso", "epoch-s", "epoch-ms" or a pattern of yyyy MM dd HH mm ss SSS such as "yyyy-MM-dd HH:mm:ss"',
        )
        .optional(),
      zone: z
        .string()
        .regex(/^(Z|[+-]\d\d:\d\d)$/, 'must be "Z" or an offset such as "+08:00"')
        .optional(),
    }),
  ],
  { error: 'must be a column name or {"column": "…", "format": "…", "zone": "Z"}' },
);

/** Rows to leave out. */
export const skipRules = z
  .array(z.strictObject({ column: columnName, in: z.array(z.string()).min(1), reason: z.string().min(1) }))
  .default([]);

export const csvForm = z
  .strictObject({
    delimiter: z.string().min(1).optional(),
    quote: z.string().length(1).optional(),
    columns: z.array(z.string().min(1)).optional(),
  })
  .default({});

const eventMapSchema = z.strictObject({
  type: typeRule.default({ const: 'charge.captured' }),
  source: tokenRule,
  time: timeRule,
  merchant: tokenRule.optional(),
  id: tokenRule.optional(),
  chargeId: tokenRule.optional(),
  payer: tokenRule.optional(),
  amount: amountRule.optional(),
  currency: tokenRule.optional(),
  order: tokenRule.optional(),
  part: tokenRule.optional(),
  instrument: tokenRule.optional(),
  channel: tokenRule.optional(),
  mcc: tokenRule.optional(),
  payment: tokenRule.optional(),
  orderTotal: amountRule.optional(),
  refundedTotal: amountRule.optional(),
  refundId: tokenRule.optional(),
  refundAmount: amountRule.optional(),
  refundStatus: tokenRule.optional(),
  reference: tokenRule.optional(),
  open: tokenRule.optional(),
  wonBy: tokenRule.optional(),
  outcome: tokenRule.optional(),
  skip: skipRules,
  csv: csvForm,
});

export type EventMap = z.infer<typeof eventMapSchema>;
export type TokenRule = z.infer<typeof tokenRule>;
export type AmountRule = z.infer<typeof amountRule>;
export type TimeRule = z.infer<typeof timeRule>;
export type EventType = (typeof EVENT_KINDS)[number];

/** Fields that a row of the type must have; the map is refused when it can yield the type but does not say where from. */
const AMOUNT_FIELDS = ['chargeId', 'amount', 'currency'] as const;
const NEEDED = {
  'charge.captured': ['merchant', ...AMOUNT_FIELDS],
  'charge.failed': ['chargeId'],
  'charge.voided': ['chargeId'],
  'charge.adjusted': AMOUNT_FIELDS,
  'charge.refunded': ['chargeId'],
  'charge.disputed': ['chargeId', 'open'],
  'order.closed': ['merchant', 'order', 'outcome'],
} as const satisfies Record<EventType, readonly (keyof EventMap)[]>;

export function readEventMap(file: string): EventMap {
  return parseEventMap(readMapFile(file), file);
}

export function readMapFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? `is not JSON: ${error.message}` : 'does not exist or cannot be read';
    throw new UserError(`The map ${file} ${reason}`);
  }
}

/** @throws UserError that names the field and what it may be. */
export function parseEventMap(json: unknown, name: string): EventMap {
  const map = parseMap(eventMapSchema, json, name);
  for (const type of producedTypes(map)) {
    const missing: string[] = NEEDED[type].filter((field) => map[field] === undefined);
    if (type === 'charge.refunded' && map.refundedTotal === undefined) {
      if (map.refundId === undefined || map.refundAmount === undefined) {
        missing.push('refundedTotal, or refundId and refundAmount');
      }
    }
    if (missing.length > 0) throw new UserError(`The map ${name}: ${type} needs ${missing.join(', ')}`);
  }
  return map;
}

function producedTypes({ type }: EventMap): readonly EventType[] {
  if ('const' in type) return [type.const];
  return Object.values(type.values).filter((target) => typeof target === 'string' && target !== 'skip');
}

/** @throws UserError that names the field and what it may be. */
export function parseMap<Schema extends z.ZodObject>(schema: Schema, json: unknown, name: string): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => explain(issue, json, Object.keys(schema.shape)));
  throw new UserError(`The map ${name}: ${problems.join('; ')}`);
}

function explain(issue: z.core.$ZodIssue, json: unknown, fields: readonly string[]): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const allowed = path === '' ? `; allowed are ${fields.join(', ')}` : '';
    return `${path === '' ? '' : `${path}: `}unknown field ${issue.keys.join(', ')}${allowed}`;
  }
  const field = issue.path.length === 1 ? String(issue.path[0]) : undefined;
  const isMissing = field !== undefined && isRow(json) && json[field] === undefined;
  return `${path || 'the map'}: ${isMissing ? 'is missing' : issue.message}`;
}
