import { expect, it } from 'vitest';
import { formatSpan, formatTime } from '../../../console/format/time.ts';

it.each([
  { locale: 'en', shown: 'Nov 11, 2024, 01:12:03 UTC' },
  { locale: 'zh-CN', shown: '2024/11/11 01:12:03 UTC' },
])('a time in $locale says its zone', ({ locale, shown }) => {
  expect(formatTime('2024-11-11T01:12:03.120Z', { locale, zone: 'utc' })).toBe(shown);
});

it.each([
  { ms: 0, shown: '0 ms' },
  { ms: 850, shown: '850 ms' },
  { ms: 3_240, shown: '3.2 s' },
  { ms: 60_000, shown: '1 m' },
  { ms: 250_000, shown: '4 m 10 s' },
  { ms: 7_500_000, shown: '2 h 5 m' },
  { ms: 273_600_000, shown: '3 d 4 h' },
  { ms: -3_000, shown: '3 s' },
])('$ms ms are $shown', ({ ms, shown }) => {
  expect(formatSpan(ms)).toBe(shown);
});
