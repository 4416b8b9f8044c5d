import * as z from 'zod';
import { flagIdSchema, minorSchema, msSchema } from '../../core/brands.ts';
import { REASONS_TO_WAIT, type Wait } from '../../core/cases/flag.ts';
import { UNCONFIRMED_FACTS } from '../../core/cases/unconfirmed.ts';
import { unreadable } from '../../core/fault.ts';
import type { Attempt, Waiting } from '../../core/refunds/attempt.ts';
import type { FinalOutcome } from '../../core/refunds/refund-gateway.ts';
import { type Codec, versionedCodec } from '../../core/versioned.ts';
import { withMember, withNames, withWord } from '../words-of-version-1.ts';

/**
 * What the steps of a refund's execution hand to each other. The answer of a task is the state of the next step, so each
 * task reads from it what it needs and leaves the rest. Executions that started before states had a version carry version 1.
 */
const attempt = { flagId: flagIdSchema.min(1), attempt: z.int().nonnegative() };

export const startCodec = versionedCodec(
  'start of a refund',
  z.strictObject({ ...attempt, graceSeconds: z.int().nonnegative() }),
  [(fields) => withNames(fields, { settleSeconds: 'graceSeconds' })],
);

export const attemptCodec = versionedCodec('state of a refund', z.object(attempt));

export const heldCodec = versionedCodec(
  'state of a refund that waits',
  z.object({
    ...attempt,
    waitsFor: z.array(z.enum(REASONS_TO_WAIT)),
    unconfirmed: z.strictObject({ fact: z.enum(UNCONFIRMED_FACTS), chargeId: z.string() }).exactOptional(),
    silent: z.strictObject({ chargeId: z.string(), sinceMs: msSchema }).exactOptional(),
    otherCases: z.int().nonnegative().exactOptional(),
    ramp: z.strictObject({ source: z.string(), day: z.string(), maxMinor: minorSchema }).exactOptional(),
  }),
  [(fields) => withNames(fields, { holds: 'waitsFor' })],
);

export const askedCodec = versionedCodec(
  'state of a refund that is asked for',
  z.object({ ...attempt, asked: z.int().nonnegative().exactOptional() }),
);

export const concludedCodec = versionedCodec(
  'state of a refund with an outcome',
  z.object({
    ...attempt,
    outcome: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('refunded'), processorReference: z.string() }),
      z.strictObject({ kind: z.literal('reversed-externally') }),
      z.strictObject({ kind: z.literal('failed'), reason: z.string() }),
    ]),
  }),
  [(fields) => withMember(fields, 'outcome', (outcome) => withWord(withNames(outcome, { why: 'reason' }), 'kind'))],
);

export function decodeAttempt(state: unknown): Attempt {
  return decodeState(attemptCodec, state);
}

const tokenSchema = z.object({ token: z.string().min(1), state: z.unknown().optional() });

/** The task that waits gets a token beside its state. Executions of older machines have it within the state. */
export function decodeHeld(input: unknown): Attempt & Waiting & Pick<Wait, 'token'> {
  const parsed = tokenSchema.safeParse(input);
  if (!parsed.success) throw unreadable('state of a refund that waits, without a token,', parsed.error);
  const { token, state = input } = parsed.data;
  return { ...decodeState(heldCodec, state), token };
}

export function decodeAsked(state: unknown): Attempt & { readonly asked?: number } {
  return decodeState(askedCodec, state);
}

export function decodeConcluded(state: unknown): Attempt & { readonly outcome: FinalOutcome } {
  return decodeState(concludedCodec, state);
}

/** Adds the version to a task's answer. */
export function encodeState<Answer extends Attempt>(answer: Answer): Answer & { readonly schemaVersion: number } {
  return { ...answer, schemaVersion: attemptCodec.schemaVersion };
}

const namedSchema = z.object(attempt);

function decodeState<Schema extends z.ZodType>(codec: Codec<Schema>, state: unknown): z.output<Schema> {
  const named = namedSchema.safeParse(state);
  return codec.decode(state, named.success ? `of flag ${named.data.flagId}` : 'without a flag');
}
