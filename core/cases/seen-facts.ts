import type { Approval, Flag, ReasonToWait } from './flag.ts';
import { waitOf } from './flag-history.ts';
import { factsOfThese, type JudgedFacts } from './judged-facts.ts';

/** Reasons that stay while what they rest on changes: an approver has seen one difference, and no other. */
const CHANGING = ['amount-changed', 'partly-returned', 'mismatch'] as const;

/** Of a flag that is only monitored, nothing was judged: whether it is refunded at all is what an approver sees. */
const OF_MONITORED = { waitsFor: ['review'] as const, facts: {} };

/** Returns what an approver sees of the flag now: an approval answers that and nothing else. */
export function seenOf(flag: Flag): Pick<Approval, 'saw' | 'facts'> {
  const { waitsFor = [], facts = {} } = flag.status === 'monitored' ? OF_MONITORED : (waitOf(flag) ?? {});
  const seen = factsOfThese(facts, CHANGING);
  return { saw: waitsFor, ...(seen !== undefined && { facts: seen }) };
}

/** Returns true where the reason rests on what the approver saw. Approvals from before facts were kept saw all. */
export function isAsSeen({ facts }: Approval, reason: ReasonToWait, now: JudgedFacts): boolean {
  const name = CHANGING.find((changing) => changing === reason);
  const seen = name && facts?.[name];
  return name === undefined || seen === undefined || isSame(seen, now[name] ?? {});
}

/** Facts are flat, and a store may return their fields in another order. */
function isSame(one: object, other: object): boolean {
  const [fields, others] = [one, other].map((facts) => new Map(Object.entries(facts)));
  return fields?.size === others?.size && [...(fields ?? [])].every(([name, value]) => others?.get(name) === value);
}
