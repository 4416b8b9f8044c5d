import { type ProcessedCharges, processedIn } from './charge-meter.ts';
import { type RateSettings, thresholdOf, usualCases } from './rate.ts';
import { type CaseOrigin, covers, type Scope } from './scope.ts';

/** Why an incident was opened. */
export interface Burst {
  readonly scope: Scope;
  /** Cases of the scope that were opened in the window. */
  readonly cases: number;
  /** Cases that are usual for the charges processed in it. */
  readonly usual: number;
  readonly threshold: number;
}

export interface RateConfiguration {
  rateOf(merchant: string | undefined): RateSettings;
}

/** That the rest bursts too is asked where a burst is certain already: an ordinary level of significance will do. */
const REST = { minCases: 2, falseAlarm: 0.01 };

/**
 * The burst in a window, if there is one, given the narrowest scope that explains it: all merchants only if the rate is
 * unusual without its largest processor too, and without its largest merchant; a processor's only if it is unusual
 * without its largest merchant. So an outage is one incident and not one for each merchant, and one merchant's broken
 * checkout is not everybody's incident.
 *
 * @param cases those opened in the window that no open incident covers.
 */
export function findBurst(
  cases: readonly CaseOrigin[],
  processed: ProcessedCharges,
  configuration: RateConfiguration,
): Burst | undefined {
  const burstOf = (scope: Scope): Burst | undefined => {
    const number = cases.filter((one) => covers(scope, one)).length;
    const settings = configuration.rateOf(scope.kind === 'merchant' ? scope.merchant : undefined);
    const charges = processedIn(processed, scope);
    const threshold = thresholdOf(charges, settings);
    if (number < threshold) return undefined;
    return { scope, cases: number, usual: usualCases(charges, settings), threshold };
  };
  const outlasts = (scope: Scope, without: Scope | undefined): boolean => {
    if (without === undefined) return true;
    const rest = cases.filter((one) => covers(scope, one) && !covers(without, one)).length;
    const charges = Math.max(0, processedIn(processed, scope) - processedIn(processed, without));
    return rest >= thresholdOf(charges, { ...configuration.rateOf(undefined), ...REST });
  };
  const merchants = merchantsOf(cases);
  const processors = bySize(cases, ({ source }) => source).map(([source]) => ({ kind: 'processor', source }) as const);
  const all = { kind: 'all' } as const;
  if (outlasts(all, merchants[0]) && outlasts(all, processors[0])) {
    const burst = burstOf(all);
    if (burst !== undefined) return burst;
  }
  for (const processor of processors) {
    const burst = burstOf(processor);
    if (burst === undefined) continue;
    const [largest] = merchantsOf(cases.filter((one) => covers(processor, one)));
    if (outlasts(processor, largest)) return burst;
  }
  for (const scope of merchants) {
    if (scope.cases < configuration.rateOf(scope.merchant).minCases) continue;
    const burst = burstOf({ kind: 'merchant', merchant: scope.merchant });
    if (burst !== undefined) return burst;
  }
  return undefined;
}

function merchantsOf(cases: readonly CaseOrigin[]) {
  return bySize(cases, ({ merchant }) => merchant).map(
    ([merchant, number]) => ({ kind: 'merchant', merchant, cases: number }) as const,
  );
}

/** The names that occur, the most frequent first; of two as frequent the first by name, so that all workers agree. */
function bySize(
  cases: readonly CaseOrigin[],
  nameOf: (origin: CaseOrigin) => string,
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const one of cases) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
