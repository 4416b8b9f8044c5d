import * as z from 'zod';
import { minorSchema } from '../brands.ts';
import { deadlinesSchema } from '../cases/deadline.ts';
import { CHARGE_FIELDS, DETECTOR_ACTIONS } from '../detection/detector.ts';
import { NORMALISERS } from '../detection/normalise.ts';
import { DEFAULT_PLACEHOLDERS, PLACEHOLDER_LENGTH_MAX } from '../events/placeholders.ts';
import { consoleDomainSchema } from './console-domain.ts';
import { duration, UNIT_MS } from './duration.ts';
import { currencySchema, sourcesSchema } from './sources.ts';
import { consoleUrlSchema } from './urls.ts';

const action = z.enum(DETECTOR_ACTIONS);
const exempt = z.strictObject({ mcc: z.array(z.string().regex(/^\d{4}$/, 'must be four digits (ISO 18245)')) });
const minorByCurrency = z.record(currencySchema, minorSchema);

/** Tokens have spellings; amounts and currencies have none. */
const normalise = z.partialRecord(
  z.enum(CHARGE_FIELDS).exclude(['amount', 'currency']),
  z.array(z.enum(NORMALISERS)).min(1),
);
const near = z
  .strictObject({ percent: z.number().positive().max(100).default(0), minor: minorSchema.default(0) })
  .refine(({ percent, minor }) => percent > 0 || minor > 0, 'must have "percent" or "minor"');

const detector = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'),
  key: z.array(z.enum(CHARGE_FIELDS)).min(1),
  orders: z.boolean().default(false),
  same: z.array(z.enum(CHARGE_FIELDS)).default([]),
  normalise: normalise.default({}),
  near: near.optional(),
  window: duration,
  reviewWindow: duration.optional(),
  chain: z.enum(['window', 'unlimited']).default('window'),
  lateness: duration.default(UNIT_MS.h),
  retain: duration,
  grace: duration.default(2 * UNIT_MS.m),
  action,
  exempt: exempt.default({ mcc: [] }),
});

/** What one merchant changes of a detector. */
const override = z.strictObject({
  action: action.optional(),
  window: duration.optional(),
  reviewWindow: duration.optional(),
  exempt: exempt.optional(),
});

/** Above which rate of duplicates single alerts become an incident: docs/alerts.md. */
const incidents = z.strictObject({
  /** Share of charges that are duplicates on a usual day. */
  baseRate: z.number().positive().max(0.5).default(0.006),
  /** A rate up to this multiple of the usual one is still usual. */
  tolerance: z.number().min(1).max(100).default(3),
  /** How likely a usual window may be taken for an incident. */
  falseAlarm: z.number().positive().max(0.01).default(1e-6),
  /** Fewer cases in a window are never an incident. */
  minCases: z.int().min(2).default(20),
  window: duration.default(5 * UNIT_MS.m),
  /** Over when it was calm for so long. */
  quiet: duration.default(10 * UNIT_MS.m),
});

/** A counter keeps 16 bytes a record: at most 16 KB, which each of its writes pays for. */
const ALERT_AFTER_MAX = 1_000;

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
  capPerHourMinor: minorByCurrency.optional(),
});

/** What becomes of a hold that no approver answers; a freeze and a budget end without one. */
const holds = z
  .strictObject({
    /** Approvers are notified again, with severity `critical`. */
    escalateAfter: duration.default(UNIT_MS.d),
    /** The hold ends without a refund: an approver may still decide later. */
    expireAfter: duration.default(7 * UNIT_MS.d),
  })
  .refine(({ escalateAfter, expireAfter }) => escalateAfter < expireAfter, {
    path: ['expireAfter'],
    error: 'must be longer than escalateAfter',
  });

const ofMerchantAndTotal = z
  .strictObject({ merchant: minorByCurrency.default({}), total: minorByCurrency.default({}) })
  .default({ merchant: {}, total: {} });

const refunds = z.strictObject({
  /** A refund above it holds until a person approves. No entry for a currency: no limit. */
  limitMinor: minorByCurrency.default({}),
  /** Refunded value per clock hour (UTC); beyond it automatic refunds wait. */
  budgetPerHourMinor: ofMerchantAndTotal,
  /** The same of all refunds, automatic and approved together: docs/caps.md. */
  capPerHourMinor: ofMerchantAndTotal,
  /** Above this it takes two different people to approve a held refund, and two to keep its charge. */
  twoPeopleAboveMinor: minorByCurrency.default({}),
  /** What one approver may release alone in one clock hour (UTC); beyond it another approver must agree: docs/caps.md. */
  approverPerHourMinor: minorByCurrency.default({}),
  holds: holds.prefault({}),
  /** How fast the approval of a whole incident is given to its flags. */
  bulkApprovalsPerSecond: z.int().min(1).max(50).default(5),
  /** In how many cases of one payer refunds go automatically within 24 hours. */
  payerCasesPerDay: z.int().min(1).max(100).default(3),
  /** From a refund until it shows on the payer's account, at the latest: what the payer status promises. */
  arrivesWithin: duration.default(14 * UNIT_MS.d),
});

/** Tokens of an event that stand for a missing value: docs/detectors.md. */
const placeholders = z
  .array(z.string().max(PLACEHOLDER_LENGTH_MAX).regex(/\S/, 'must not be blank: a blank field is always absent'))
  .max(100)
  .default([...DEFAULT_PLACEHOLDERS]);

/** When a source that is refused is alerted: docs/alerts.md. */
const quarantine = z.strictObject({
  /** Refused records of one source in a clock hour. A source of few events is alerted earlier, by their share. */
  alertAfter: z.int().min(2).max(ALERT_AFTER_MAX).default(100),
});

export const configurationSchema = z.strictObject({
  $schema: z.string().optional(),
  /** What becomes of events older than `retain`: judged and held, or judged as if they were new. */
  history: z.enum(['hold', 'judge']).default('hold'),
  /** Who may tell of charges: docs/sources.md. */
  sources: sourcesSchema,
  placeholders,
  quarantine: quarantine.prefault({}),
  detectors: z.array(detector).min(1).max(8),
  merchants: z.record(z.string(), merchant).default({}),
  refunds: refunds.prefault({}),
  alerts: alerts.prefault({}),
  /** Where the stage's console is: docs/console.md. */
  console: consoleDomainSchema.optional(),
  /** By when matters must be closed: docs/evidence.md. */
  deadlines: deadlinesSchema.prefault({}),
});

export type ConfigurationJson = z.infer<typeof configurationSchema>;
export type OverrideJson = z.infer<typeof override>;
