import type { Configuration } from '../../core/configuration/configuration.ts';
import { usedFromTheStart } from '../../core/detection/new-detectors.ts';
import type { SuspensionStore } from '../../core/detection/suspensions.ts';
import type { Random } from '../../scenario/random.ts';
import { configuration, RAPID_REPEAT, SAME_ORDER } from '../fixtures/configurations.ts';
import type { Faults } from './faults.ts';

/** Some nights are calm, some are bad in one way, some in every way. */
export function anyFaults(random: Random): Faults {
  const chance = (most: number) => (random.chance(0.3) ? 0 : random.fraction() * most);
  return {
    crash: chance(0.06),
    giveUp: chance(0.03),
    refuse: chance(0.06),
    loseAnswer: chance(0.06),
    conflict: chance(0.1),
  };
}

/** The larger of the amounts that stories charge is above it. */
export const TWO_PEOPLE_ABOVE_MINOR = 150;

export function anyConfiguration(random: Random): Configuration {
  const grace = random.pick(['20s', '0s', '2m']);
  const repeat = { ...RAPID_REPEAT, grace, action: random.pick(['review', 'refund', 'refund']) };
  return configuration({
    detectors: [{ ...SAME_ORDER, grace }, repeat],
    merchants: {
      m_2: { detectors: { 'same-order': { action: 'review' } }, budgetPerHourMinor: { CNY: 300 } },
      m_3: { detectors: { 'same-order': { action: 'monitor' } } },
    },
    refunds: {
      limitMinor: random.chance(0.5) ? { CNY: 150 } : {},
      twoPeopleAboveMinor: { CNY: TWO_PEOPLE_ABOVE_MINOR },
      // Some are answered in time, some late, some when their hold has long expired.
      holds: random.pick([
        { escalateAfter: '10m', expireAfter: '30m' },
        { escalateAfter: '30m', expireAfter: '3h' },
        {},
      ]),
    },
  });
}

const SUSPENSIONS: Pick<SuspensionStore, 'suspend' | 'suspensionsOf'> = {
  suspend: async () => 'known',
  suspensionsOf: async () => [],
};

/**
 * What is calm in every night. Stories have orders of every shape: with real suspensions nearly every refund would wait for
 * an approver.
 */
export const STAGE = {
  configurationHash: 'configuration-1',
  namespaces: new Map<string, never>(),
  detectorsSince: async () => usedFromTheStart([SAME_ORDER, RAPID_REPEAT]),
  lag: { readLag: async () => new Map<number, number>() },
  suspensions: SUSPENSIONS,
};
