import * as z from 'zod';
import { caseIdSchema, fingerprintSchema, flagIdSchema, minorSchema, msSchema } from '../brands.ts';
import { GROUNDS } from '../detection/charge-record.ts';
import { DENIAL_REASONS } from '../detection/claims.ts';
import { DETECTOR_ACTIONS } from '../detection/detector.ts';
import { chargeRefSchema, chargeSchema } from '../events/stored-charge.ts';
import { DISCREPANCIES } from './discrepancy.ts';
import { type Flag, type FlagStatus, REASONS_TO_WAIT } from './flag.ts';
import { judgedFactsSchema } from './judged-facts.ts';

const time = msSchema;
const minor = minorSchema;
const text = z.string();

/** A flag about a refund that a processor's list alone knows has the listed amount, which may be 0. */
const charge = chargeSchema.extend({ amountMinor: minor });

export const voteSchema = z.strictObject({ by: text, atMs: time, reason: text });
const approvalSchema = voteSchema.extend({
  saw: z.array(z.enum(REASONS_TO_WAIT)).exactOptional(),
  facts: judgedFactsSchema.exactOptional(),
  alone: z.literal(true).exactOptional(),
  mac: text.exactOptional(),
});
const discrepancy = z.strictObject({
  what: z.enum(DISCREPANCIES),
  detail: text,
  foundAtMs: time,
  resolved: z.literal(true).exactOptional(),
  explained: voteSchema.exactOptional(),
});

export const flagFactsSchema = z.strictObject({
  id: flagIdSchema,
  caseId: caseIdSchema,
  version: z.int().positive(),
  attempt: z.int().nonnegative(),
  charge,
  timeMs: time,
  original: chargeRefSchema,
  originalCharge: charge.exactOptional(),
  originalTimeMs: time.exactOptional(),
  detector: text,
  action: z.enum(DETECTOR_ACTIONS),
  configuration: text,
  epoch: text.exactOptional(),
  decidedBy: text,
  windows: z.array(z.strictObject({ detector: text, fingerprint: fingerprintSchema })),
  stale: z.boolean(),
  scheme: text,
  reasonCode: text,
  deadlineAtMs: time,
  urgentSinceMs: time.exactOptional(),
  raisedBy: text,
  openedAtMs: time,
  updatedAtMs: time,
  approvals: z.array(approvalSchema),
  keeps: z.array(voteSchema),
  contested: z.literal(true).exactOptional(),
  short: z.strictObject({ sinceMs: time, why: text }).exactOptional(),
  discrepancy: discrepancy.exactOptional(),
});

const asked = z.strictObject({ sinceMs: time, escalatedAtMs: time.exactOptional() });
const facts = judgedFactsSchema.exactOptional();
const wait = z.strictObject({
  waitsFor: z.array(z.enum(REASONS_TO_WAIT)),
  facts,
  token: text,
  asked: asked.exactOptional(),
});
const mayHaveWaited = { wait: wait.exactOptional() };
const claimed = {
  refundMinor: minor,
  claimedAtMs: z.union([time, z.literal('unknown')]),
  restsOn: z.array(z.enum(GROUNDS)),
  facts,
};
const refund = { ...claimed, ...mayHaveWaited, refundedAtMs: time, processorReference: text };
const denied = {
  denial: z.enum(DENIAL_REASONS),
  denialText: text,
  returned: z.strictObject(claimed).exactOptional(),
};
const failure = { ...claimed, failure: text };

function flagIn<Status extends FlagStatus, Shape extends z.ZodRawShape>(status: Status, shape: Shape) {
  return flagFactsSchema.extend({ status: z.literal(status), ...shape });
}

const reversedExternally = z.discriminatedUnion('learnedFrom', [
  flagIn('reversed-externally', { learnedFrom: z.literal('gateway'), ...claimed, ...mayHaveWaited }),
  flagIn('reversed-externally', { learnedFrom: z.literal('list'), processorReference: text.exactOptional() }),
]);

/** A whole flag, as its status has it. Anything else is refused: a field too many is as wrong as one that is missing. */
export const flagSchema: z.ZodType<Flag> = z.discriminatedUnion('status', [
  flagIn('open', {}),
  flagIn('held', { wait }),
  flagIn('approved', { wait }),
  flagIn('expired', { wait: wait.extend({ asked }) }),
  flagIn('refunding', { ...claimed, ...mayHaveWaited, unanswered: z.literal(true).exactOptional() }),
  flagIn('refunded', refund),
  flagIn('refunded-in-error', { ...refund, refundError: voteSchema.extend({ evidence: text }) }),
  reversedExternally,
  flagIn('dismissed', { ...denied, ...mayHaveWaited }),
  flagIn('kept', {
    keeps: z.tuple([voteSchema], voteSchema),
    ...mayHaveWaited,
    ended: z.union([z.strictObject(denied), z.strictObject(failure)]).exactOptional(),
  }),
  flagIn('failed', { ...failure, ...mayHaveWaited }),
  flagIn('monitored', {}),
]);
