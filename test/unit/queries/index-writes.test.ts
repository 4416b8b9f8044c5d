import { describe, expect, it } from 'vitest';
import { indexWrites } from '../../../bench/index-writes.ts';

/** What AWS gives one partition of an index (DynamoDB developer guide, "Partitions and data distribution"). */
const UNITS_PER_SECOND_MAX = 1_000;

describe('an index of cases and flags', () => {
  it.each(indexWrites(5_000))('$index bears 5,000 flags a second of one merchant, order and status', (writes) => {
    expect(writes.unitsPerSecond).toBeGreaterThan(0);
    expect(writes.unitsPerSecond).toBeLessThan(UNITS_PER_SECOND_MAX);
  });
});
