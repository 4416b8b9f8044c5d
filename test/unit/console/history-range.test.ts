import { expect, it } from 'vitest';
import { boundsOf } from '../../../console/pages/overview/history-range.ts';

const NOW = Date.parse('2024-11-11T01:12:03.120Z');

it.each([
  { range: 'hour', from: '2024-11-11T00:13:00.000Z', to: '2024-11-11T01:13:00.000Z' },
  { range: 'day', from: '2024-11-10T02:00:00.000Z', to: '2024-11-11T02:00:00.000Z' },
  { range: 'month', from: '2024-10-13T00:00:00.000Z', to: '2024-11-12T00:00:00.000Z' },
] as const)('the last $range is whole buckets up to the one that goes on', ({ range, from, to }) => {
  expect(boundsOf(range, NOW)).toEqual({ from, to });
});
