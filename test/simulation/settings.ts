import type { Configuration } from '../../core/configuration/configuration.ts';
import type { SuspensionStore } from '../../core/detection/suspensions.ts';
import type { Random } from '../../scenario/random.ts';
import { ACME, BANK, HOUR, MINUTE, WALLET } from '../fixtures/charges.ts';
import { configuration, RAPID_REPEAT, REGISTRY, SAME_ORDER, SOURCE } from '../fixtures/configurations.ts';
import type { Faults } from './faults.ts';
import type { Plot } from './story.ts';

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

/** Who is let in, and acts for the largest loss: the keys of a source, an approver's session, a role that writes items. */
export const ATTACKERS = ['producer', 'approver', 'writer'] as const;
export type Attacker = (typeof ATTACKERS)[number];

/** One night's rules, and what its stories have more of. */
export interface Night {
  readonly configuration: Configuration;
  readonly plot: Plot;
  /** For each batch: its reader stands still for minutes. */
  readonly stallChance: number;
  /** Contradicted attestations are suspended. */
  readonly suspends: boolean;
  /** Another configuration is deployed in the middle of the night. */
  readonly change: { readonly afterMs: number; readonly configuration: Configuration } | undefined;
}

/** In half of the nights the processors attest everything and tell no total; in the others each is as it comes. */
export function drawNight(random: Random, attacker?: Attacker): Night {
  const rules = withBudgets(anyRules(random), attacker);
  if (random.chance(0.5)) {
    const plot = { totals: 0, twins: 0, skewMs: {} };
    return { configuration: configuration(rules), plot, stallChance: 0, suspends: false, change: undefined };
  }
  const sources = anyRegistry(random);
  // All stories have the same two payers: with the usual bound nearly every refund would wait for an approver.
  const free = { ...rules, refunds: { payerCasesPerDay: random.pick([3, 50, 50]), ...rules.refunds } };
  const changed = random.chance(0.5) ? changedRules(free, random) : undefined;
  return {
    configuration: configuration({ sources, ...free }),
    plot: { totals: random.pick([0, 0.5, 0.9]), twins: random.pick([0, 0.1, 0.3]), skewMs: anySkew(random) },
    stallChance: random.pick([0, 0.02, 0.1]),
    suspends: random.chance(0.4),
    change: changed && {
      afterMs: random.integer(1, 120) * MINUTE,
      configuration: configuration({ sources, ...changed }),
    },
  };
}

/** Clocks of producers: one is minutes off, and one tells the time of another zone. */
function anySkew(random: Random): Plot['skewMs'] {
  return {
    [BANK]: random.pick([0, 0, -3, 3]) * MINUTE,
    [ACME]: random.pick([0, 0, -8]) * HOUR,
    [WALLET]: random.pick([0, 0, 0, -13]) * HOUR,
  };
}

type Rules = Pick<ReturnType<typeof anyRules>, 'detectors' | 'merchants'> & { readonly refunds: object };

/** What operators change of a running stack: actions, exemptions, limits, and how far a detector looks. */
function changedRules(rules: Rules, random: Random) {
  const [order, repeat] = rules.detectors;
  const withOrder = (shows: object) => ({ ...rules, detectors: [{ ...order, ...shows }, repeat] });
  const withThird = (action: string) => ({
    ...rules,
    merchants: { ...rules.merchants, m_3: { detectors: { 'same-order': { action } } } },
  });
  return random.pick<() => object>([
    () => withThird('refund'),
    () => withThird('review'),
    () => withOrder({ action: 'review' }),
    () => withOrder({ action: 'monitor' }),
    () => withOrder({ window: '10h' }),
    () => withOrder({ exempt: { mcc: ['4111', '5812'] } }),
    () => ({ ...rules, detectors: [order, { ...repeat, action: 'monitor' }] }),
    () => ({ ...rules, refunds: { ...rules.refunds, limitMinor: { CNY: 50 } } }),
  ])();
}

/** What the sources attest, and in what their copies may differ. */
function anyRegistry(random: Random) {
  const attests = random.pick([
    ['single-charge', 'totals', 'closings'],
    ['totals', 'closings'],
    ['totals'],
    ['single-charge'],
    [],
  ]);
  const copies = random.chance(0.7) ? SOURCE.copies : random.pick([['other-payer'], ['other-source'], []]);
  const entries = Object.entries(REGISTRY).map(([id, source]) => {
    // Now and then one of them attests nothing.
    return [id, { ...source, attests: random.chance(0.15) ? [] : attests, copies }];
  });
  return Object.fromEntries(entries);
}

/** Some hours reach it, and it has room for the largest charge. */
export const CAP_PER_HOUR_MINOR = 400;

function anyRules(random: Random) {
  const grace = random.pick(['20s', '0s', '2m']);
  const repeat = { ...RAPID_REPEAT, grace, action: random.pick(['review', 'refund', 'refund']) };
  return {
    detectors: [{ ...SAME_ORDER, grace }, repeat],
    merchants: {
      m_2: { detectors: { 'same-order': { action: 'review' } }, budgetPerHourMinor: { CNY: 300 } },
      m_3: { detectors: { 'same-order': { action: 'monitor' } } },
    },
    refunds: {
      limitMinor: random.chance(0.5) ? { CNY: 150 } : {},
      twoPeopleAboveMinor: { CNY: TWO_PEOPLE_ABOVE_MINOR },
      capPerHourMinor: { total: { CNY: CAP_PER_HOUR_MINOR } },
      // Some are answered in time, some late, some when their hold has long expired.
      holds: random.pick([
        { escalateAfter: '10m', expireAfter: '30m' },
        { escalateAfter: '30m', expireAfter: '3h' },
        {},
      ]),
    },
  };
}

/** What binds an attacker: no bound of a payer helps. Other nights have a budget of one merchant alone: their refunds go. */
const ATTACKED = {
  budgetPerHourMinor: { total: { CNY: 200 } },
  approverPerHourMinor: { CNY: 300 },
  payerCasesPerDay: 50,
} as const;

function withBudgets<Of extends ReturnType<typeof anyRules>>(rules: Of, attacker: Attacker | undefined) {
  return { ...rules, refunds: { ...rules.refunds, ...(attacker === undefined ? {} : ATTACKED) } };
}

export type Suspending = Pick<SuspensionStore, 'suspend' | 'suspensionsOf'>;

/** Stories have orders of every shape. Were attestations suspended in all nights, few refunds would go automatically. */
export const NO_SUSPENSIONS: Suspending = {
  suspend: async () => 'known',
  suspensionsOf: async () => [],
};
