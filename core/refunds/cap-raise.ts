import * as z from 'zod';
import type { Minor, Ms } from '../brands.ts';
import { minorSchema, msSchema } from '../brands.ts';
import { DAY_MS, HOUR_MS } from '../clock-units.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { reasonText } from '../events/written-text.ts';
import { contentionLost } from '../fault.ts';
import type { CapSettings } from './hourly-caps.ts';

const act = z.strictObject({ by: z.string(), atMs: msSchema });

/** A cap of all refunds, raised for a stated time. It counts from the moment that a second approver confirms it. */
export const capRaiseSchema = z.strictObject({
  /** Begins with the currency: it names the item that has the raise. */
  id: z.string(),
  currency: z.string(),
  /** Absent: the total of all merchants. */
  merchant: z.string().exactOptional(),
  maxMinor: minorSchema,
  untilMs: msSchema,
  reason: reasonText,
  requested: act,
  confirmed: act.exactOptional(),
});

export type CapRaise = Readonly<z.output<typeof capRaiseSchema>>;

/** The raises of one currency as they were read; version 0 where there are none. */
export interface StoredRaises {
  readonly version: number;
  readonly raises: readonly CapRaise[];
}

/** Keeps the raises of each currency in one item, and each request and confirmation as an act of its own. */
export interface CapRaiseStore {
  /** Reads strongly consistently. Raises that are over may be among them. */
  raisesIn(currency: string): Promise<StoredRaises>;
  /**
   * Replaces the raises of a currency on the version that was read and keeps the raise as an act, all or nothing.
   * `conflict` where another writer was first: read again. A repetition finds its own write by the raise's id.
   */
  replaceRaises(change: {
    readonly currency: string;
    readonly read: StoredRaises;
    readonly raises: readonly CapRaise[];
    readonly act: CapRaise;
  }): Promise<'replaced' | 'conflict'>;
}

export interface CapRaiseContext {
  readonly raises: CapRaiseStore;
  readonly configuration: CapSettings;
  readonly digests: Pick<PlainDigests, 'hash128'>;
  readonly nowMs: () => Ms;
}

/** What an approver asks for. */
export interface RaiseRequest extends Pick<CapRaise, 'currency' | 'maxMinor' | 'untilMs' | 'reason'> {
  readonly merchant?: string | undefined;
  readonly by: string;
}

export type RaiseOutcome =
  | { readonly kind: 'requested' | 'confirmed'; readonly raise: CapRaise }
  | { readonly kind: 'refused'; readonly reason: RaiseRefusal };

export type RaiseRefusal =
  /** Nothing caps it: there is nothing to raise. */
  'no-cap' | 'not-higher' | 'too-high' | 'too-long' | 'too-many' | 'unknown-raise' | 'own-raise' | 'over';

/** A raise ends with the day: what is needed for longer belongs into the configuration. */
export const RAISE_MS_MAX = DAY_MS;
/** Bounds what the role that stores raises could forge. */
export const RAISE_TIMES_MAX = 10;
/** The raises of one currency are read before each refund, as one item. */
const RAISES_MAX = 20;
/** The sweep comes every five minutes. */
const ENDED_MS = HOUR_MS;
const TRIES_MAX = 10;

/** Asks for a raise, which counts for nothing yet. The same request again is answered with the first one. */
export async function requestRaise(request: RaiseRequest, context: CapRaiseContext): Promise<RaiseOutcome> {
  const { currency, merchant, maxMinor, untilMs, reason, by } = request;
  const nowMs = context.nowMs();
  const capMinor = configuredCap(request, context.configuration);
  if (capMinor === undefined) return refused('no-cap');
  if (maxMinor <= capMinor) return refused('not-higher');
  if (maxMinor > RAISE_TIMES_MAX * capMinor) return refused('too-high');
  if (untilMs <= nowMs) return refused('over');
  if (untilMs > nowMs + RAISE_MS_MAX) return refused('too-long');
  const content = JSON.stringify([currency, merchant ?? null, maxMinor, untilMs, reason, by]);
  const id = `${currency}-${context.digests.hash128(content)}`;
  const asked = { id, currency, ...(merchant !== undefined && { merchant }), maxMinor, untilMs, reason };
  const raise: CapRaise = { ...asked, requested: { by, atMs: nowMs } };
  return change(currency, context, (standing) => {
    const known = standing.find((each) => each.id === id);
    if (known !== undefined) return { kind: 'requested', raise: known };
    if (standing.length >= RAISES_MAX) return refused('too-many');
    return { kind: 'write', raises: [...standing, raise], outcome: { kind: 'requested', raise } };
  });
}

/** A second approver confirms the request as it is: from then on it counts. Who asked for it cannot. */
export async function confirmRaise(
  { id, by }: { readonly id: string; readonly by: string },
  context: CapRaiseContext,
): Promise<RaiseOutcome> {
  return change(id.slice(0, id.indexOf('-')), context, (standing) => {
    const raise = standing.find((each) => each.id === id);
    if (raise === undefined) return refused('unknown-raise');
    if (raise.requested.by === by) return refused('own-raise');
    if (raise.confirmed !== undefined) return { kind: 'confirmed', raise };
    const confirmed = { ...raise, confirmed: { by, atMs: context.nowMs() } };
    const raises = standing.map((each) => (each.id === id ? confirmed : each));
    return { kind: 'write', raises, outcome: { kind: 'confirmed', raise: confirmed } };
  });
}

type Decided =
  | RaiseOutcome
  | {
      readonly kind: 'write';
      readonly raises: readonly CapRaise[];
      readonly outcome: Extract<RaiseOutcome, { readonly raise: CapRaise }>;
    };

/** The newest raises that have counted and ended: they stay until the sweep has surely notified operators of their end. */
function endedIn(raises: readonly CapRaise[], nowMs: Ms): readonly CapRaise[] {
  const ended = raises.filter((raise) => raise.untilMs <= nowMs && raise.untilMs > nowMs - ENDED_MS);
  return ended.filter(isConfirmedByTwo).slice(-RAISES_MAX);
}

/** Decides on the raises that are not over, and again while another writer is first. */
async function change(
  currency: string,
  { raises: store, nowMs }: CapRaiseContext,
  decide: (standing: readonly CapRaise[]) => Decided,
): Promise<RaiseOutcome> {
  for (let lost = 0; lost < TRIES_MAX; lost++) {
    const read = await store.raisesIn(currency);
    const decided = decide(read.raises.filter(({ untilMs }) => untilMs > nowMs()));
    if (decided.kind !== 'write') return decided;
    const { outcome } = decided;
    const raises = [...endedIn(read.raises, nowMs()), ...decided.raises];
    if ((await store.replaceRaises({ currency, read, raises, act: outcome.raise })) === 'replaced') return outcome;
  }
  throw contentionLost('the raises of a cap', TRIES_MAX);
}

/** Reads the raises of a currency and returns the settings with its caps as they are raised now. */
export async function readRaised<Settings extends CapSettings>(
  settings: Settings,
  currency: string,
  { raises: store, nowMs }: { readonly raises: Pick<CapRaiseStore, 'raisesIn'>; readonly nowMs: () => Ms },
): Promise<Settings> {
  const { raises } = await store.raisesIn(currency);
  return withRaised(settings, currency, { raises, nowMs: nowMs() });
}

/** Returns the settings with the caps of a currency as they are raised now. Budgets of automatic refunds stay as they are. */
export function withRaised<Settings extends CapSettings>(
  settings: Settings,
  currency: string,
  { raises, nowMs }: { readonly raises: readonly CapRaise[]; readonly nowMs: Ms },
): Settings {
  return raises
    .filter((raise) => raise.currency === currency && isEffective(raise, nowMs))
    .reduce((raised, raise) => withOne(raised, raise, configuredCap(raise, settings)), settings);
}

/** Two different approvers have agreed: it counts within its time. */
export function isConfirmedByTwo({ requested, confirmed }: CapRaise): boolean {
  return confirmed !== undefined && confirmed.by !== requested.by;
}

/** Two different approvers, and within its time. */
export function isEffective({ requested, confirmed, untilMs }: CapRaise, nowMs: Ms): boolean {
  if (confirmed === undefined || confirmed.by === requested.by) return false;
  const isAsked = requested.atMs <= nowMs && confirmed.atMs <= nowMs;
  return isAsked && nowMs < untilMs && untilMs <= requested.atMs + RAISE_MS_MAX;
}

function withOne<Settings extends CapSettings>(
  settings: Settings,
  { currency, merchant, maxMinor }: CapRaise,
  configuredMinor: Minor | undefined,
): Settings {
  if (configuredMinor === undefined) return settings;
  const { capPerHourMinor } = settings.refunds;
  const raised = Math.min(maxMinor, RAISE_TIMES_MAX * configuredMinor);
  if (merchant === undefined) {
    const max = Math.max(raised, capPerHourMinor.total[currency] ?? 0);
    const total = { ...capPerHourMinor.total, [currency]: max };
    return { ...settings, refunds: { ...settings.refunds, capPerHourMinor: { ...capPerHourMinor, total } } };
  }
  const own = settings.merchants[merchant];
  const known = own?.capPerHourMinor?.[currency] ?? 0;
  const ofMerchant = { ...own, capPerHourMinor: { ...own?.capPerHourMinor, [currency]: Math.max(raised, known) } };
  return { ...settings, merchants: { ...settings.merchants, [merchant]: ofMerchant } };
}

function configuredCap(
  { currency, merchant }: { readonly currency: string; readonly merchant?: string | undefined },
  { merchants, refunds: { capPerHourMinor } }: CapSettings,
): Minor | undefined {
  if (merchant === undefined) return capPerHourMinor.total[currency];
  return merchants[merchant]?.capPerHourMinor?.[currency] ?? capPerHourMinor.merchant[currency];
}

function refused(reason: RaiseRefusal): RaiseOutcome {
  return { kind: 'refused', reason };
}
