import type { FlagId } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag, ReasonToWait, Wait } from '../cases/flag.ts';
import type { Unconfirmed } from '../cases/unconfirmed.ts';
import type { FiledIn } from '../detection/charge-record.ts';
import { type ChargeView, presentIn } from '../detection/charge-view.ts';
import { emptyWindow } from '../detection/charge-window.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { readViews, type ViewContext } from '../detection/read-views.ts';
import { bug } from '../fault.ts';
import type { EvidenceFacts } from './evidence-facts.ts';
import type { SpentRamp } from './ramp.ts';
import type { Silence } from './silence.ts';

/** One try at a refund: what every step of the workflow is given. */
export interface Attempt {
  readonly flagId: FlagId;
  readonly attempt: number;
}

/** Why an attempt must wait. */
export interface Waiting {
  readonly waitsFor: readonly ReasonToWait[];
  /** Present beside the reason `unconfirmed`. */
  readonly unconfirmed?: Unconfirmed;
  /** Present beside the reason `silent`. */
  readonly silent?: Silence;
  /** Other refunded cases of the payer: present beside the reason `payer-often`. */
  readonly otherCases?: number | undefined;
  /** The bound of a young attestation, where that one is reached. */
  readonly ramp?: SpentRamp;
}

/** Returns why an attempt waits already. */
export function waitingOf({ waitsFor, facts }: Pick<Wait, 'waitsFor' | 'facts'>): Waiting {
  const { unconfirmed, silent, budget, 'payer-often': often } = facts ?? {};
  return {
    waitsFor,
    ...(unconfirmed !== undefined && { unconfirmed }),
    ...(silent !== undefined && { silent }),
    ...(often !== undefined && { otherCases: often.otherCases }),
    ...(budget?.ramp !== undefined && { ramp: budget.ramp }),
  };
}

/** The flag, when this attempt is still the one that counts. */
export async function flagOf(
  { flagId, attempt }: Attempt,
  context: { readonly cases: Pick<CaseStore, 'readFlags'> },
): Promise<Flag | undefined> {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) throw bug(`flag ${flagId} is not in the store`);
  return flag.attempt === attempt ? flag : undefined;
}

/**
 * Returns the windows that the flag's charge was filed in. Its record knows also those of detectors that were added after
 * the flag was raised; an expired record leaves what the flag knows.
 */
export async function filedIn(
  { id, windows }: Pick<Flag, 'id' | 'windows'>,
  { records, nowMs }: Pick<ViewContext, 'records' | 'nowMs'>,
): Promise<readonly FiledIn[]> {
  const [found] = await records.readRecords([id], nowMs());
  return found?.record?.capture?.windows ?? windows;
}

export interface FactsContext extends ViewContext {
  readonly configuration: Pick<DetectorCatalog, 'detectors'>;
}

/** Reads what decides over the flag: windows first, then the records they name. Undefined where the window is gone. */
export async function decidingFacts(flag: Flag, context: FactsContext): Promise<EvidenceFacts | undefined> {
  const filed = await filedIn(flag, context);
  const windowOf = (id: string | undefined) => filed.find(({ detector }) => detector === id)?.fingerprint;
  const own = windowOf(flag.detector);
  if (own === undefined) return undefined;
  const order = windowOf(context.configuration.detectors.find(({ orders }) => orders)?.id);
  const views = await readViews([...new Set([own, order ?? own])], context);
  const viewOf = (fingerprint: string) => views.find(({ window }) => window.fingerprint === fingerprint);
  const view = viewOf(own);
  if (view === undefined) return undefined;
  if (order !== undefined) return { view, orderView: viewOf(order) ?? 'gone' };
  return { view, orderView: isInOtherOrder(flag, view, context.configuration) ? 'gone' : undefined };
}

/**
 * Returns true where the charge has an order that no window of orders remembers, and its copies may be of other orders. A
 * detector that is gone says nothing: its refund waits anyway.
 */
function isInOtherOrder(flag: Flag, view: ChargeView, { detectors }: FactsContext['configuration']): boolean {
  const detector = detectors.find(({ id }) => id === flag.detector);
  if (detector === undefined || presentIn(view, flag).order === undefined) return false;
  return !detector.key.includes('order') || detector.normalise.order !== undefined;
}

/** The same, where a window that is gone remembers nothing. */
export async function decidingFactsOrEmpty(flag: Flag, context: FactsContext): Promise<EvidenceFacts> {
  return (await decidingFacts(flag, context)) ?? { view: emptyView(flag), orderView: undefined };
}

/** Returns the view of a window that is gone. */
export function emptyView({ id, detector, windows }: Flag): ChargeView {
  const fingerprint = windows.find((filed) => filed.detector === detector)?.fingerprint ?? windows[0]?.fingerprint;
  if (fingerprint === undefined) throw bug(`flag ${id} is in no window`);
  return { window: emptyWindow(detector, fingerprint), records: new Map() };
}
