import * as z from 'zod';
import { type Ms, minorSchema } from '../brands.ts';
import { deadlinesSchema, type SchemeCatalog, schemeOf } from '../cases/deadline.ts';
import { CHARGE_FIELDS, type ChargeField, DETECTOR_ACTIONS, type Detector } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { isCurrency } from '../events/money.ts';
import type { RateSettings } from '../incidents/rate.ts';
import type { RefundSettings } from '../refunds/refund-settings.ts';
import { duration, UNIT_MS } from './duration.ts';
import { consoleUrlSchema, gatewayUrlSchema } from './urls.ts';

const action = z.enum(DETECTOR_ACTIONS);
const exempt = z.strictObject({ mcc: z.array(z.string().regex(/^\d{4}$/, 'must be four digits (ISO 18245)')) });
const currency = z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY');
const minorByCurrency = z.record(currency, minorSchema);

const detector = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'),
  key: z.array(z.enum(CHARGE_FIELDS)).min(1),
  orders: z.boolean().default(false),
  same: z.array(z.enum(CHARGE_FIELDS)).default([]),
  window: duration,
  lateness: duration.default(UNIT_MS.h),
  retain: duration,
  grace: duration.default(2 * UNIT_MS.m),
  action,
  exempt: exempt.default({ mcc: [] }),
});

const override = z.strictObject({
  action: action.optional(),
  window: duration.optional(),
  exempt: exempt.optional(),
});

/** Above which rate of duplicates single alerts become an incident: docs/alerts.md. */
const incidents = z.strictObject({
  /** Share of charges that are duplicates on a usual day. */
  baseRate: z.number().positive().max(0.5).default(0.006),
  /** So many times the usual rate is still usual. */
  tolerance: z.number().min(1).max(100).default(3),
  /** How likely a usual window may be taken for an incident. */
  falseAlarm: z.number().positive().max(0.01).default(1e-6),
  /** Fewer cases in a window are never an incident. */
  minCases: z.int().min(2).default(20),
  window: duration.default(5 * UNIT_MS.m),
  /** Over when it was calm for so long. */
  quiet: duration.default(10 * UNIT_MS.m),
});

const alerts = z.strictObject({
  /** Where the console is; alerts link to it. */
  consoleUrl: consoleUrlSchema.optional(),
  incidents: incidents.prefault({}),
});

const merchant = z.strictObject({
  /** The least number of cases that is an incident of this merchant. */
  incidents: z.strictObject({ minCases: z.int().min(2).optional() }).default({}),
  detectors: z.record(z.string(), override).default({}),
  limitMinor: minorByCurrency.optional(),
  budgetPerHourMinor: minorByCurrency.optional(),
});

/** The name or ARN of a secret, never what is in it: this file lies beside every bundle. */
const secretName = z
  .string('must be the name or ARN of a secret in Secrets Manager')
  .refine((text) => !/^(sk|rk|pk|whsec)_/.test(text), 'is the key itself; name the secret that holds it')
  .regex(/^[\w/+=.@:-]{1,512}$/, 'must be the name or ARN of a secret in Secrets Manager');

const GATEWAY_KINDS = 'must be "sandbox", or an object whose "kind" is "sandbox", "stripe" or "webhook"';
/** A plain name is short for a gateway that needs nothing but its kind. */
const gateway = z.preprocess(
  (given) => (typeof given === 'string' ? { kind: given } : given),
  z.discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('sandbox') }),
      z.strictObject({ kind: z.literal('stripe'), secret: secretName }),
      z.strictObject({ kind: z.literal('webhook'), url: gatewayUrlSchema, secret: secretName }),
    ],
    { error: GATEWAY_KINDS },
  ),
);

export type GatewayConfiguration = z.infer<typeof gateway>;

/** What becomes of a hold that people do not answer; a freeze and a budget pass by themselves. */
const holds = z
  .strictObject({
    /** Approvers are notified again, with severity `critical`. */
    escalateAfter: duration.default(UNIT_MS.d),
    /** The hold ends without a refund: the flag is left to people. */
    expireAfter: duration.default(7 * UNIT_MS.d),
  })
  .refine(({ escalateAfter, expireAfter }) => escalateAfter < expireAfter, {
    path: ['expireAfter'],
    error: 'must be longer than escalateAfter',
  });

const refunds = z.strictObject({
  /** A refund above it holds until a person approves. No entry for a currency: no limit. */
  limitMinor: minorByCurrency.default({}),
  /** Refunded value per clock hour (UTC); beyond it refunds hold. */
  budgetPerHourMinor: z
    .strictObject({ merchant: minorByCurrency.default({}), total: minorByCurrency.default({}) })
    .default({ merchant: {}, total: {} }),
  /** Above this it takes two different people to approve a held refund, and two to keep its charge. */
  twoPeopleAboveMinor: minorByCurrency.default({}),
  holds: holds.prefault({}),
  /** How fast the approval of a whole incident is given to its flags. */
  bulkApprovalsPerSecond: z.int().min(1).max(50).default(5),
  /** From a refund until it shows on the payer's account, at the latest: what payers are told to expect. */
  arrivesWithin: duration.default(14 * UNIT_MS.d),
  /** Which gateway reverses the charges of a source; `default` serves all others. */
  gateways: z.record(z.string().min(1), gateway).default({ default: { kind: 'sandbox' } }),
});
const configurationSchema = z
  .strictObject({
    $schema: z.string().optional(),
    /** What becomes of events older than `retain`: judged and held, or judged as if they were new. */
    history: z.enum(['hold', 'judge']).default('hold'),
    namespaces: z.record(z.string().min(1), z.array(z.string().min(1)).min(1)).default({}),
    detectors: z.array(detector).min(1).max(8),
    merchants: z.record(z.string(), merchant).default({}),
    refunds: refunds.prefault({}),
    alerts: alerts.prefault({}),
    /** By when matters must be closed: docs/evidence.md. */
    deadlines: deadlinesSchema.prefault({}),
  })
  .superRefine((configuration, context) => {
    for (const [path, message] of contradictions(configuration)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });

type Parsed = z.infer<typeof configurationSchema>;

export interface Configuration extends DetectorCatalog, SchemeCatalog, RefundSettings {
  readonly merchants: Readonly<Record<string, MerchantRules>>;
  readonly refunds: RefundSettings['refunds'] & {
    /** Which gateway reverses the charges of a source; `default` serves all others. */
    readonly gateways: Readonly<Record<string, GatewayConfiguration>>;
  };
  readonly alerts: {
    /** Where the console is; alerts link to it. */
    readonly consoleUrl?: string | undefined;
    readonly incidents: IncidentRules;
  };
}

/** What differs for one merchant. */
type MerchantRules = RefundSettings['merchants'][string] & {
  readonly incidents: { readonly minCases?: number | undefined };
  readonly detectors: Readonly<Record<string, DetectorChange>>;
};

interface DetectorChange {
  readonly action?: Detector['action'] | undefined;
  readonly windowMs?: Ms | undefined;
  readonly exemptMccs?: Detector['exemptMccs'] | undefined;
}

/** Above which rate of duplicates single alerts become an incident. */
export interface IncidentRules extends RateSettings {
  readonly windowMs: Ms;
  readonly quietMs: Ms;
}

export type ConfigurationResult =
  | { readonly kind: 'configuration'; readonly configuration: Configuration }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads a configuration. Each problem names the field and what it may be. */
export function parseConfiguration(json: unknown): ConfigurationResult {
  const parsed = configurationSchema.safeParse(json);
  if (parsed.success) return { kind: 'configuration', configuration: compile(parsed.data) };
  return { kind: 'invalid', problems: parsed.error.issues.map(problemOf) };
}

/** A wrong key of a record says why only in the issues below it. */
function problemOf(issue: z.core.$ZodIssue): string {
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${issue.path.join('.') || 'configuration'}: ${message}`;
}

function compile(parsed: Parsed): Configuration {
  const detectors = parsed.detectors.map(toDetector);
  const namespaces = new Map(
    Object.entries(parsed.namespaces).flatMap(([name, sources]) => sources.map((source) => [source, name] as const)),
  );
  const merchants = mapValues(parsed.merchants, ({ detectors: changes, ...rules }) => ({
    ...rules,
    detectors: mapValues(changes, toDetectorChange),
  }));
  const changed = new Map(
    Object.entries(merchants).map(([id, { detectors: changes }]) => [
      id,
      detectors.map((base) => changedBy(base, changes[base.id])),
    ]),
  );
  const detectorsFor = (merchantId: string) => changed.get(merchantId) ?? detectors;
  return {
    history: parsed.history,
    refunds: toRefundRules(parsed.refunds),
    merchants,
    alerts: { consoleUrl: parsed.alerts.consoleUrl, incidents: toIncidentRules(parsed.alerts.incidents) },
    detectors,
    // A source outside every namespace is its own; the prefix keeps it apart from a namespace of the same name.
    namespaceOf: (source) => namespaces.get(source) ?? `source:${source}`,
    schemeOf: (source) => schemeOf(parsed.deadlines, source),
    detectorsFor,
    detectorFor: (id, merchantId) => detectorsFor(merchantId).find((candidate) => candidate.id === id),
  };
}

function toRefundRules({ holds, arrivesWithin, ...rules }: Parsed['refunds']): Configuration['refunds'] {
  return {
    ...rules,
    holds: { escalateAfterMs: holds.escalateAfter, expireAfterMs: holds.expireAfter },
    arrivesWithinMs: arrivesWithin,
  };
}

function toIncidentRules({ window, quiet, ...rate }: Parsed['alerts']['incidents']): IncidentRules {
  return { ...rate, windowMs: window, quietMs: quiet };
}

function toDetector(parsed: Parsed['detectors'][number]): Detector {
  return {
    id: parsed.id,
    key: parsed.key,
    same: parsed.same,
    orders: parsed.orders,
    windowMs: parsed.window,
    latenessMs: parsed.lateness,
    retainMs: parsed.retain,
    graceMs: parsed.grace,
    action: parsed.action,
    exemptMccs: new Set(parsed.exempt.mcc),
  };
}

function toDetectorChange({ action, window, exempt }: z.infer<typeof override>): DetectorChange {
  return { action, windowMs: window, exemptMccs: exempt && new Set(exempt.mcc) };
}

function changedBy(base: Detector, change: DetectorChange = {}): Detector {
  const { action = base.action, windowMs = base.windowMs, exemptMccs = base.exemptMccs } = change;
  return { ...base, action, windowMs, exemptMccs };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

type Problem = readonly [path: readonly (string | number)[], message: string];

function* contradictions(parsed: Parsed): Generator<Problem> {
  const ids = parsed.detectors.map(({ id }) => id);
  for (const [at, { id, key, orders, window, lateness, retain, same }] of parsed.detectors.entries()) {
    if (ids.indexOf(id) !== at) yield [['detectors', at, 'id'], `"${id}" is used twice`];
    if (retain < window + lateness) {
      yield [['detectors', at, 'retain'], 'must be at least window + lateness, or late duplicates are missed'];
    }
    const both = same.filter((field) => key.includes(field));
    if (both.length > 0) yield [['detectors', at, 'same'], `${both.join(', ')}: already in key`];
    const foreign: readonly ChargeField[] = key.filter((field) => field !== 'merchant' && field !== 'order');
    if (orders && (foreign.length > 0 || !key.includes('order'))) {
      yield [['detectors', at, 'key'], 'with "orders": true it must be ["merchant", "order"] or ["order"]'];
    }
  }
  if (parsed.detectors.filter(({ orders }) => orders).length > 1) {
    yield [['detectors'], 'only one detector may have "orders": true'];
  }
  const sources = Object.values(parsed.namespaces).flat();
  const twice = sources.find((source, at) => sources.indexOf(source) !== at);
  if (twice !== undefined) yield [['namespaces'], `${twice} is in two namespaces`];
  for (const [id, { detectors }] of Object.entries(parsed.merchants)) {
    for (const [name, { window }] of Object.entries(detectors)) {
      const base = parsed.detectors.find((candidate) => candidate.id === name);
      if (base === undefined) {
        yield [['merchants', id, 'detectors', name], `no such detector; there are ${ids.join(', ')}`];
      } else if (window !== undefined && base.retain < window + base.lateness) {
        yield [['merchants', id, 'detectors', name, 'window'], 'is longer than the detector remembers (retain)'];
      }
    }
  }
  if (parsed.refunds.gateways.default === undefined) {
    yield [['refunds', 'gateways'], 'needs "default": the gateway of every other source'];
  }
  const { schemes, sources: schemeBySource, default: otherwise } = parsed.deadlines;
  const missing = (id: string) =>
    Object.hasOwn(schemes, id) ? [] : [`no such scheme; there are ${Object.keys(schemes).join(', ')}`];
  for (const message of missing(otherwise)) yield [['deadlines', 'default'], message];
  for (const [source, id] of Object.entries(schemeBySource)) {
    for (const message of missing(id)) yield [['deadlines', 'sources', source], message];
  }
}
