import type { Minor, Ms } from '../brands.ts';
import type { Flag } from '../cases/flag.ts';
import { DAY_MS, iso } from '../clock-units.ts';
import type { AttestedSince } from '../detection/attested-since.ts';
import type { Ground } from '../detection/charge-record.ts';
import type { Attestation, SourceCatalog } from '../events/source.ts';

/** An attestation this young is bounded by the day: a wrong one shows before it has moved much. */
export const RAMP_MS = 7 * DAY_MS;

/** What a source's automatic refunds of one day (UTC) may sum up to while what it attests is young. */
export interface Ramp {
  readonly source: string;
  readonly maxMinor: Minor;
}

/** The bound of which a refund waits, as a wait remembers it. */
export interface SpentRamp extends Ramp {
  readonly day: string;
}

export interface RampContext {
  readonly configuration: SourceCatalog;
  /** Reads since when sources attest what they attest. */
  readonly attestedSince: () => Promise<AttestedSince>;
  readonly nowMs: () => Ms;
}

/**
 * Returns the bounds of an automatic refund that rests on attestations of which none is a week old at both charges' sources.
 * An attestation that is not known yet is the youngest.
 */
export async function rampsOf(
  { charge, original }: Pick<Flag, 'charge' | 'original'>,
  restsOn: readonly Ground[],
  { configuration, attestedSince, nowMs }: RampContext,
): Promise<readonly Ramp[]> {
  const sources = [...new Set([charge.source, original.source])];
  const bounds = sources.flatMap((source) => {
    const maxMinor = configuration.sourceOf(source)?.refundedPerDayMax?.[charge.currency];
    return maxMinor === undefined ? [] : [{ source, maxMinor }];
  });
  const grounds = restsOn.filter((ground): ground is Attestation => ground !== 'approval');
  if (bounds.length === 0 || grounds.length === 0) return [];
  const since = await attestedSince();
  const oldMs = nowMs() - RAMP_MS;
  const isOld = (source: string, ground: Attestation) => (since.get(source)?.[ground] ?? nowMs()) <= oldMs;
  if (grounds.some((ground) => sources.every((source) => isOld(source, ground)))) return [];
  return bounds.filter(({ source }) => grounds.some((ground) => !isOld(source, ground)));
}

/** Returns the bound with its day. */
export function onDay(ramp: Ramp, nowMs: Ms): SpentRamp {
  return { ...ramp, day: iso(nowMs).slice(0, 10) };
}
