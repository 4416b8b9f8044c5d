import type { Minor } from '../brands.ts';
import type { DetectorAction } from '../detection/detector.ts';
import type { Source } from '../events/source.ts';
import { RAISE_TIMES_MAX } from './cap-raise.ts';
import { type CapSettings, type HourlyCaps, hourlyBudgetsOf, hourlyCapsOf } from './hourly-caps.ts';

/**
 * Minor units in one clock hour. `unbounded`: no cap is configured. `processors`: the role has the secrets of processors,
 * so that only their own limits bind what a thief does with them outside of Onecharge.
 */
export type LargestLoss = Minor | 'unbounded' | 'processors';

export type Actor =
  /** Who has the keys of one source, or may write its events to the stream. */
  | { readonly kind: 'producer'; readonly name: string }
  /** One person with the role approver. */
  | { readonly kind: 'approver' }
  /** The role of one Lambda function. */
  | { readonly kind: 'function'; readonly name: FunctionOnMoneyPath }
  /** One admin, or one person with the command line. */
  | { readonly kind: 'operator' };

/** Named like its file. `automatic`: it can make automatic refunds go; `all`: it can also forge approvals or claims. */
const FUNCTION_REACH = {
  /** It has the secrets for lookups. */
  assess: 'secrets',
  reverse: 'secrets',
  /** It writes claims and their reservations. */
  claim: 'all',
  /** It may delete the budgets of the hour. */
  record: 'all',
  /** It makes approvals, on an order. */
  approve: 'all',
  /** It makes approvals and stores raises of the cap, and could forge both approvers. */
  decide: 'raises',
  /** They write records or flags: one that looks like a returned claim releases the budget of a refund that was made. */
  detect: 'all',
  hold: 'all',
  sweep: 'all',
  /** It may put an order to approve an incident again. */
  export: 'all',
  /** They may write suspensions of attestations, and so end one. */
  alert: 'automatic',
  digest: 'automatic',
} as const satisfies { readonly [name: string]: 'automatic' | 'all' | 'raises' | 'secrets' };

type FunctionOnMoneyPath = keyof typeof FUNCTION_REACH;
export const FUNCTIONS_ON_MONEY_PATH = Object.keys(FUNCTION_REACH) as readonly FunctionOnMoneyPath[];

export interface LossSettings extends CapSettings {
  readonly sources: readonly (Source & { readonly gateway: { readonly kind: string } | undefined })[];
  readonly detectors: readonly { readonly action: DetectorAction }[];
  readonly merchants: CapSettings['merchants'] &
    Readonly<
      Record<string, { readonly detectors: Readonly<Record<string, { readonly action?: DetectorAction | undefined }>> }>
    >;
}

export interface ActorLoss {
  readonly actor: Actor;
  /** By currency. `ANY_OTHER` stands for currencies that the configuration does not name. */
  readonly largestHourlyLossMinor: Readonly<Record<string, LargestLoss>>;
}

/** Present where a source's refunds are not bound to named currencies. */
export const ANY_OTHER = '*';

/** Returns the most that each actor can cause to be refunded in one clock hour, computed from the configuration alone. */
export function largestLosses(settings: LossSettings): readonly ActorLoss[] {
  const { sources } = settings;
  const reversible = sources.filter(({ isReversible }) => isReversible);
  const isReal = reversible.some(({ gateway }) => gateway !== undefined && gateway.kind !== 'sandbox');
  const currencies = currenciesOf(settings, reversible);
  const lossesBy = (lossOf: (currency: string) => LargestLoss) =>
    Object.fromEntries(currencies.map((currency) => [currency, lossOf(currency)]));
  const all = lossesBy((currency) => largestSum(reversible, currency, { settings, capsOf: hourlyCapsOf }));
  const automatic = lossesBy((currency) => automaticSum(reversible, currency, settings));
  // What needs a second approver, one alone cannot cause.
  const alone = lossesBy((currency) => smaller(all[currency], settings.refunds.approverPerHourMinor[currency]));
  const raised = lossesBy((currency) => timesRaised(all[currency]));
  const ofReach = { all, automatic, raises: raised, secrets: isReal ? lossesBy(() => 'processors') : all };
  return [
    ...sources.map((producer) => {
      // Events meet within one namespace: a closing or a total may set free the charges of another source.
      const reached = reversible.filter(({ namespace }) => namespace === producer.namespace);
      const spokenOf = reached.map((source) => ({ ...source, merchants: narrowed(source, producer) }));
      return {
        actor: { kind: 'producer', name: producer.id } as const,
        largestHourlyLossMinor: lossesBy((currency) => automaticSum(spokenOf, currency, settings)),
      };
    }),
    { actor: { kind: 'approver' }, largestHourlyLossMinor: alone },
    ...FUNCTIONS_ON_MONEY_PATH.map((name) => ({
      actor: { kind: 'function', name } as const,
      largestHourlyLossMinor: ofReach[FUNCTION_REACH[name]],
    })),
    { actor: { kind: 'operator' }, largestHourlyLossMinor: all },
  ];
}

function automaticSum(sources: readonly Source[], currency: string, settings: LossSettings): LargestLoss {
  return refundsAutomatically(settings) ? largestSum(sources, currency, { settings, capsOf: hourlyBudgetsOf }) : 0;
}

function refundsAutomatically({ detectors, merchants }: LossSettings): boolean {
  const changes = Object.values(merchants).flatMap(({ detectors: changed }) => Object.values(changed));
  return [...detectors, ...changes].some(({ action }) => action === 'refund');
}

function timesRaised(loss: LargestLoss = 0): LargestLoss {
  return typeof loss === 'number' ? RAISE_TIMES_MAX * loss : loss;
}

function smaller(loss: LargestLoss = 0, bound: Minor | undefined): LargestLoss {
  if (bound === undefined) return loss;
  return typeof loss === 'number' ? Math.min(loss, bound) : bound;
}

/** The total of all merchants, or the sum of each one's where these are less and known. */
function largestSum(
  sources: readonly Source[],
  currency: string,
  {
    settings,
    capsOf,
  }: {
    readonly settings: LossSettings;
    readonly capsOf: (charge: Parameters<typeof hourlyCapsOf>[0], settings: CapSettings) => HourlyCaps;
  },
): LargestLoss {
  const taking = sources.filter(({ currencies }) => currencies?.has(currency) !== false);
  const [first] = taking;
  if (first === undefined) return 0;
  const capsAt = (merchant: string) => capsOf({ source: first.id, merchant, currency }, settings);
  const merchants = merchantsOf(taking);
  const each = merchants?.map((merchant) => capsAt(merchant).merchantMaxMinor);
  const sum = each?.reduce<number | undefined>(
    (sum, max) => (sum === undefined || max === undefined ? undefined : sum + max),
    0,
  );
  // The total is one for all merchants, whichever is asked for.
  const { totalMaxMinor } = capsAt(merchants?.[0] ?? '');
  const bounds = [sum, totalMaxMinor].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? 'unbounded' : Math.min(...bounds);
}

/** Undefined where a source may speak of merchants that nothing names. */
function merchantsOf(sources: readonly Pick<Source, 'merchants'>[]): readonly string[] | undefined {
  const lists = sources.map(({ merchants }) => merchants);
  if (lists.includes('all')) return undefined;
  return [...new Set(lists.flatMap((list) => [...list]))];
}

/** The merchants of the source of which the producer may speak. */
function narrowed({ merchants }: Source, { merchants: spoken }: Source): Source['merchants'] {
  if (spoken === 'all') return merchants;
  return merchants === 'all' ? spoken : new Set([...merchants].filter((merchant) => spoken.has(merchant)));
}

function currenciesOf({ refunds, merchants }: LossSettings, reversible: readonly Source[]): readonly string[] {
  const { limitMinor, budgetPerHourMinor, capPerHourMinor, twoPeopleAboveMinor, approverPerHourMinor } = refunds;
  const hourly = [
    budgetPerHourMinor.merchant,
    budgetPerHourMinor.total,
    capPerHourMinor.merchant,
    capPerHourMinor.total,
  ];
  const own = Object.values(merchants).flatMap((merchant) => [
    merchant.limitMinor ?? {},
    merchant.budgetPerHourMinor ?? {},
    merchant.capPerHourMinor ?? {},
  ]);
  const inBounds = [limitMinor, twoPeopleAboveMinor, approverPerHourMinor, ...hourly, ...own].flatMap((bound) =>
    Object.keys(bound),
  );
  const named = reversible.flatMap(({ currencies }) => [...(currencies ?? [])]);
  const isOpen = reversible.some(({ currencies }) => currencies === undefined);
  return [...[...new Set([...inBounds, ...named])].sort(), ...(isOpen ? [ANY_OTHER] : [])];
}
