import { describe, expect, it } from 'vitest';
import { patternOf, tokenFormatSchema } from '../../../core/configuration/token-format.ts';

describe('the format of a token', () => {
  it.each([
    '^[0-9]{16}$',
    '^500[0-9]{13}$',
    '^ord-[0-9]{12,19}$',
    '^(?:wallet|bank)-?[0-9]+$',
    '^[A-Z]{2,4}[0-9]{8,12}$',
    '^4111|x$',
    '^\\p{Nd}{16}$',
    '^a\\?b[?*+]{3}$',
  ])('may be %s', (format) => {
    expect(tokenFormatSchema.safeParse(format).success).toBe(true);
  });

  it.each([
    ['a group that repeats', '^(a+)+$'],
    ['alternatives that repeat', '^(?:a|aa)*$'],
    ['a group that repeats within bounds', '^(?:a|aa){1,60}$'],
    ['a look behind it', '^(?<=a)b$'],
    ['a look ahead', '^(?=a)b$'],
    ['what was matched before', '^(a)\\1$'],
    ['a name that was matched before', '^(?<x>a)\\k<x>$'],
    ['three wide parts', '^[0-9]*[0-9]*[0-9]*x$'],
    ['many parts that may be there', `^${'a?'.repeat(40)}${'a'.repeat(40)}$`],
  ])('is refused with %s', (_what, format) => {
    expect(patternOf(format)).toBeDefined();
    expect(tokenFormatSchema.safeParse(format).error?.issues[0]?.message).toContain('write it plainly');
  });
});
