import * as z from 'zod';

/** Wide quantifiers of one format: with two of them a token of 256 characters takes at most its square of steps. */
const WIDE_MAX = 2;
/** Each doubles the steps at worst. */
const OPTIONAL_MAX = 4;
const QUANTIFIER = /(?:[*+]|\{\d+,\d*\})\??/g;
const OPTIONAL = /(?<=[^(*+}?])\?/g;

/**
 * Returns true for a format whose search ends within few steps, whatever the token is: tokens come from outside. Nothing
 * that repeats may itself repeat or choose, and nothing may look around or back.
 */
function isBounded(format: string): boolean {
  if (/\\[1-9k]/.test(format)) return false;
  const shape = format.replace(/\\(?:[pP]\{[^}]*\}|.)/g, 'a').replace(/\[[^\]]*\]/g, 'a');
  if (/\(\?[=!<]/.test(shape) || /\)(?:[*+]|\{\d)/.test(shape)) return false;
  const wide = shape.match(QUANTIFIER)?.length ?? 0;
  const optional = shape.replace(QUANTIFIER, '').match(OPTIONAL)?.length ?? 0;
  return wide <= WIDE_MAX && optional <= OPTIONAL_MAX;
}

/** The anchors hold for every alternative of the format; undefined where it is no regular expression. */
export function patternOf(format: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${format.slice(1, -1)})$`, 'u');
  } catch {
    return undefined;
  }
}

/** Anchored: a format describes the whole token. */
export const tokenFormatSchema = z
  .string()
  .max(200)
  .regex(/^\^.*\$$/, 'must begin with ^ and end with $: it describes the whole token')
  .refine((text) => patternOf(text) !== undefined, 'must be a regular expression')
  .refine(
    isBounded,
    'must not repeat a group, look around or back, or have more than two of *, + and {n,m} or four of ?; write it plainly',
  );
