import type { Ms } from '../brands.ts';
import { type CapRaise, type CapRaiseStore, isConfirmedByTwo } from './cap-raise.ts';
import { cappedCurrencies } from './hourly-caps.ts';
import type { RefundSettings } from './refund-settings.ts';

/** Remembers of which raises operators were notified that they have ended. */
export interface RaiseEnds {
  /** Notes the end of a raise, once: redelivery finds it noted. */
  noteEnd(end: { readonly id: string; readonly atMs: Ms }): Promise<'noted' | 'known'>;
}

export interface RaiseEndsContext {
  readonly configuration: Pick<RefundSettings, 'refunds' | 'merchants'>;
  readonly raises: Pick<CapRaiseStore, 'raisesIn'>;
  readonly raiseEnds: RaiseEnds;
  /** Notifies operators that a cap is the configured one again. */
  readonly noteRaiseEnd: (raise: CapRaise) => void;
  readonly nowMs: () => Ms;
}

/** Notifies operators once of each raise that has counted and is over. Returns how many ended since the run before. */
export async function noteEndedRaises(context: RaiseEndsContext): Promise<number> {
  const { configuration, raises, raiseEnds, noteRaiseEnd, nowMs } = context;
  let noted = 0;
  for (const currency of cappedCurrencies(configuration)) {
    const stored = await raises.raisesIn(currency);
    const over = stored.raises.filter((raise) => isConfirmedByTwo(raise) && raise.untilMs <= nowMs());
    for (const raise of over) {
      if ((await raiseEnds.noteEnd({ id: raise.id, atMs: nowMs() })) === 'known') continue;
      noteRaiseEnd(raise);
      noted++;
    }
  }
  return noted;
}
