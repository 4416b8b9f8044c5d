import * as z from 'zod';
import { HOLD_REASONS, type HoldReason } from '../../core/cases/flag.ts';
import type { Attempt } from '../../core/refunds/refund-context.ts';
import type { SettledOutcome } from '../../core/refunds/refund-gateway.ts';
import { type Codec, versionedCodec } from '../../core/versioned.ts';

/**
 * What the steps of a refund's execution hand to each other. The answer of a task is the state of the next step, so each
 * task reads from it what it needs and leaves the rest. Executions that started before states had a version carry version 1.
 */
const attempt = { flagId: z.string().min(1), attempt: z.int().nonnegative() };

export const startCodec = versionedCodec(
  'start of a refund',
  z.strictObject({ ...attempt, settleSeconds: z.int().nonnegative() }),
);

export const attemptCodec = versionedCodec('state of a refund', z.object(attempt));

export const heldCodec = versionedCodec(
  'state of a refund that waits',
  z.object({ ...attempt, holds: z.array(z.enum(HOLD_REASONS)), token: z.string().min(1) }),
);

export const askedCodec = versionedCodec(
  'state of a refund that is asked for',
  z.object({ ...attempt, asked: z.int().nonnegative().exactOptional() }),
);

export const settledCodec = versionedCodec(
  'state of a refund with an outcome',
  z.object({
    ...attempt,
    outcome: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('refunded'), processorReference: z.string() }),
      z.strictObject({ kind: z.literal('already-undone') }),
      z.strictObject({ kind: z.literal('failed'), why: z.string() }),
    ]),
  }),
);

export function decodeAttempt(state: unknown): Attempt {
  return decodeState(attemptCodec, state);
}

export function decodeHeld(state: unknown): Attempt & {
  readonly holds: readonly HoldReason[];
  readonly token: string;
} {
  return decodeState(heldCodec, state);
}

export function decodeAsked(state: unknown): Attempt & { readonly asked?: number } {
  return decodeState(askedCodec, state);
}

export function decodeSettled(state: unknown): Attempt & { readonly outcome: SettledOutcome } {
  return decodeState(settledCodec, state);
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
