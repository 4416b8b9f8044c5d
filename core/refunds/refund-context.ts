import type { Flag } from '../cases/flag.ts';
import { type RaiseContext, raiseFlags } from '../cases/raise-flags.ts';
import { type ChargeWindow, type Claim, EVIDENCE_MS, emptyWindow } from '../detection/charge-window.ts';
import { recordClaim } from '../detection/claims.ts';
import { CHARGE_FIELDS } from '../detection/detector.ts';
import type { Remembering } from '../detection/put-entry.ts';
import type { FoundWindow, WindowStore } from '../detection/window-store.ts';
import { backoffMs } from '../retry.ts';
import type { Controls } from './controls.ts';
import type { RefundGateway } from './refund-gateway.ts';

/** What changing the windows of a charge takes. */
export interface WindowsContext extends RaiseContext {
  readonly windows: WindowStore;
}

export interface RefundContext extends WindowsContext {
  readonly controls: Controls;
  readonly gatewayOf: (source: string) => RefundGateway;
}

/** One try at a refund: what every step of the workflow is given. */
export interface Attempt {
  readonly flagId: string;
  readonly attempt: number;
}

const CONTENTION = { triesMax: 40, baseMs: 10, capMs: 500 };

/** The flag, when this attempt is still the one that counts. */
export async function flagOf({ flagId, attempt }: Attempt, context: RefundContext): Promise<Flag | undefined> {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) throw new Error(`flag ${flagId} is not in the store`);
  return flag.attempt === attempt ? flag : undefined;
}

/** The window whose detector decides over the flag. */
export async function decidingWindow(flag: Flag, context: RefundContext): Promise<ChargeWindow | undefined> {
  const place = flag.windows.find(({ detector }) => detector === flag.detector);
  if (place === undefined) return undefined;
  const [found] = await context.windows.read([place.fingerprint], context.nowMs());
  return found?.window;
}

/** The windows of a charge, in the order of `flag.windows`, with what replacing them needs. */
interface Place {
  readonly detector: string;
  readonly remembering: Remembering;
  readonly window: ChargeWindow;
  readonly expectedVersion: number;
}

/**
 * Changes all windows of a charge in one transaction: reads, lets `decide` answer and say what is written, and does so
 * again while others were first. A window that has not seen the charge yet is given to `decide` as an empty one.
 */
export async function changeWindows<Answer>(
  flag: Flag,
  decide: (deciding: ChargeWindow) => { readonly answer: Answer; readonly write?: (place: Place) => ChargeWindow },
  context: WindowsContext,
): Promise<Answer> {
  for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
    const found = await context.windows.read(
      flag.windows.map(({ fingerprint }) => fingerprint),
      context.nowMs(),
    );
    const places = flag.windows.map((place, at) => placeOf(place, found[at], flag, context));
    const deciding = places.find(({ detector }) => detector === flag.detector);
    if (deciding === undefined) throw new Error(`bug: flag ${flag.id} is in no window of its detector`);
    const { answer, write } = decide(deciding.window);
    const replacements = places
      .map((place) => ({ place, window: write?.(place) ?? place.window }))
      .filter(({ place, window }) => window !== place.window)
      .map(({ place, window }) => ({ window, expectedVersion: place.expectedVersion }));
    if (replacements.length === 0) return answer;
    if ((await context.windows.replaceAll(replacements)) === 'replaced') return answer;
    await context.sleep(backoffMs(lost, CONTENTION, context.random));
  }
  throw new Error(`lost ${CONTENTION.triesMax} races for the windows of flag ${flag.id}`);
}

function placeOf(
  { detector, fingerprint }: Flag['windows'][number],
  found: FoundWindow | undefined,
  flag: Flag,
  context: WindowsContext,
): Place {
  const configured = context.configuration.detectorFor(detector, flag.charge.merchant);
  const expectedVersion = found?.version ?? 0;
  return {
    detector,
    // A detector that is no longer configured still has its windows: they keep all they hold, as evidence.
    remembering: configured ?? { retainMs: EVIDENCE_MS, same: CHARGE_FIELDS },
    window: found?.window ?? { ...emptyWindow(detector, fingerprint), version: expectedVersion },
    expectedVersion,
  };
}

/** Writes one state of our claim into every window of the charge. */
export function writeClaim(flag: Flag, ours: Claim, nowMs: number): (place: Place) => ChargeWindow {
  return ({ window, remembering }) => recordClaim(window, remembering, { captured: capturedOf(flag), ours, nowMs });
}

/** The capture as the flag remembers it, for a window that has not seen it yet. */
export function capturedOf(flag: Flag) {
  const isOwnOriginal = flag.original.chargeId === flag.charge.chargeId && flag.original.source === flag.charge.source;
  return {
    seq: 0,
    timeMs: flag.timeMs,
    charge: flag.charge,
    verdict: isOwnOriginal
      ? ({ kind: 'original' } as const)
      : ({ kind: 'duplicate', original: flag.original, detector: flag.decidedBy } as const),
  };
}

/** Whoever ends a claim looks at all windows of the charge once more: what became surplus meanwhile is flagged. */
export async function lookAgain(flag: Flag, actor: string, context: WindowsContext): Promise<void> {
  const found = await context.windows.read(
    flag.windows.map(({ fingerprint }) => fingerprint),
    context.nowMs(),
  );
  const windows = found.flatMap(({ window }) => (window === undefined ? [] : [window]));
  await raiseFlags(windows, actor, context);
}
