import { afterEach, describe, expect, it, vi } from 'vitest';
import { numberOf, readEnvironment } from '../../functions/read-environment.ts';

describe('the settings of a function', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('stop its start where one is missing, by name', () => {
    vi.stubEnv('CASES_TABLE', 'cases');
    expect(() => readEnvironment(['CASES_TABLE', 'CASE_DAYS'])).toThrow(/CASE_DAYS is not set/);
    expect(readEnvironment(['CASES_TABLE'])).toEqual({ CASES_TABLE: 'cases' });
  });

  it.each(['none', 'NaN', '0', '-1', 'Infinity'])('stop its start where a number is %s, by name', (value) => {
    expect(() => numberOf({ CASE_DAYS: value }, 'CASE_DAYS')).toThrow(/CASE_DAYS is no number above zero/);
  });

  it('may be fractions', () => {
    expect(numberOf({ STARTS_PER_SECOND: '0.5' }, 'STARTS_PER_SECOND')).toBe(0.5);
  });
});
