import type { Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import type { RaiseContext } from '../cases/raise-flags.ts';
import { type ChargeWindow, type Claim, EVIDENCE_MS, emptyWindow } from '../detection/charge-window.ts';
import { recordClaim } from '../detection/claims.ts';
import { CHARGE_FIELDS } from '../detection/detector.ts';
import type { Remembering } from '../detection/put-entry.ts';
import type { FoundWindow, WindowStore } from '../detection/window-store.ts';
import { bug, contentionLost } from '../fault.ts';
import { backoffMs } from '../retry.ts';
import type { RefundSettings } from './refund-settings.ts';

/** What changing the windows of a charge takes. */
export interface WindowsContext extends RaiseContext {
  readonly configuration: RaiseContext['configuration'] & RefundSettings;
  readonly windows: Pick<WindowStore, 'read' | 'replaceAll'>;
}

/** The windows of a charge, in the order of `flag.windows`, with what replacing them needs. */
interface AffectedWindow {
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
  decide: (
    deciding: ChargeWindow,
    all: readonly { readonly detector: string; readonly window: ChargeWindow }[],
  ) => {
    readonly answer: Answer;
    readonly write?: (affectedWindow: AffectedWindow) => ChargeWindow;
  },
  context: WindowsContext,
): Promise<Answer> {
  for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
    const found = await context.windows.read(
      flag.windows.map(({ fingerprint }) => fingerprint),
      context.nowMs(),
    );
    const affected = flag.windows.map((affectedWindow, at) =>
      affectedWindowOf(affectedWindow, found[at], flag, context),
    );
    const deciding = affected.find(({ detector }) => detector === flag.detector);
    if (deciding === undefined) throw bug(`flag ${flag.id} is in no window of its detector`);
    const { answer, write } = decide(deciding.window, affected);
    const replacements = affected
      .map((affectedWindow) => ({ affectedWindow, window: write?.(affectedWindow) ?? affectedWindow.window }))
      .filter(({ affectedWindow, window }) => window !== affectedWindow.window)
      .map(({ affectedWindow, window }) => ({ window, expectedVersion: affectedWindow.expectedVersion }));
    if (replacements.length === 0) return answer;
    if ((await context.windows.replaceAll(replacements)) === 'replaced') return answer;
    await context.sleep(backoffMs(lost, CONTENTION, context.random));
  }
  throw contentionLost(`the windows of flag ${flag.id}`, CONTENTION.triesMax);
}

function affectedWindowOf(
  { detector, fingerprint }: Flag['windows'][number],
  found: FoundWindow | undefined,
  flag: Flag,
  context: WindowsContext,
): AffectedWindow {
  const configured = context.configuration.detectorFor(detector, flag.charge);
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
export function writeClaim(flag: Flag, ours: Claim, nowMs: Ms): (affectedWindow: AffectedWindow) => ChargeWindow {
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

const CONTENTION = { triesMax: 40, baseMs: 10, capMs: 500 };
