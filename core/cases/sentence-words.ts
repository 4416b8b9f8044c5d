import type { Ms } from '../brands.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock-units.ts';
import { type Ground, isSameCharge } from '../detection/charge-record.ts';
import type { Flag, ReasonToWait } from './flag.ts';
import type { JudgedFacts } from './judged-facts.ts';

/** What a sentence is made of. */
export interface Told {
  readonly flag: Flag;
  readonly facts: JudgedFacts;
  /** `hidden`: the sentence leaves out tokens of payers and instruments. Alerts and exports leave the house. */
  readonly tokens: 'shown' | 'hidden';
}

/** One language's sentences. Each says what is true also where a fact is not known. */
export interface SentenceWords {
  readonly reasons: { readonly [reason in ReasonToWait]: (told: Told) => string };
  readonly grounds: { readonly [ground in Ground]: (told: Told) => string };
}

export type Suspended = NonNullable<NonNullable<JudgedFacts['may-split']>['suspended']>;
export type Payers = NonNullable<JudgedFacts['suspect']>['payers'];

/** An original that is one too many was compared with the copy that would remain. */
export function isOriginal({ charge, original }: Flag): boolean {
  return isSameCharge(charge, original);
}

/** The payers of an original and of the copy that would remain, where both are known and may be shown. */
export function remainingPayers({ flag, facts, tokens }: Told) {
  const [original, copy] = [flag.charge.payer, facts['other-payer']?.payer];
  return tokens === 'shown' && original !== undefined && copy !== undefined ? { original, copy } : undefined;
}

/** The instruments of an original and of the copy that would remain, where the copy is known and they may be shown. */
export function remainingInstruments({ flag, facts, tokens }: Told) {
  const copy = facts['other-instrument'];
  if (tokens !== 'shown' || copy === undefined) return undefined;
  return { original: flag.charge.instrument, copy: copy.instrument };
}

/** The payers of both charges, where both are known, differ and may be shown. */
export function bothPayers({ flag, tokens }: Told) {
  const [duplicate, original] = [flag.charge.payer, flag.originalCharge?.payer];
  const isShown = tokens === 'shown' && duplicate !== original;
  return isShown && duplicate !== undefined && original !== undefined ? { duplicate, original } : undefined;
}

/** The instruments of both charges, where the original is known, they differ and may be shown. */
export function bothInstruments({ flag, tokens }: Told) {
  const { charge, originalCharge } = flag;
  const isShown = tokens === 'shown' && originalCharge !== undefined;
  if (!isShown || charge.instrument === originalCharge.instrument) return undefined;
  return { duplicate: charge.instrument, original: originalCharge.instrument };
}

/** Whose payer is not known, as the flag has the charges. */
export function unknownPayer(flag: Flag): 'both' | 'duplicate' | 'original' | 'either' | 'remaining' {
  if (isOriginal(flag)) return 'remaining';
  const { charge, originalCharge } = flag;
  const isOriginalUnknown = originalCharge !== undefined && originalCharge.payer === undefined;
  if (charge.payer === undefined) return isOriginalUnknown ? 'both' : 'duplicate';
  return isOriginalUnknown ? 'original' : 'either';
}

/** How far the charge is from its original; undefined where the original's time is not known. */
export function apartMs({ timeMs, originalTimeMs }: Flag): Ms | undefined {
  return originalTimeMs === undefined ? undefined : Math.abs(timeMs - originalTimeMs);
}

interface Unit {
  readonly unit: 'day' | 'hour' | 'minute' | 'second';
  readonly count: number;
}

/** From then on a time is in days. */
const DAYS_FROM_MS = 2 * DAY_MS;

/** A time in its two largest units, rounded down: 24 hours, 2 days and 4 hours, 90 seconds. */
export function unitsOf(ms: Ms): readonly Unit[] {
  const [large, small] =
    ms >= DAYS_FROM_MS
      ? (['day', 'hour'] as const)
      : ms >= HOUR_MS
        ? (['hour', 'minute'] as const)
        : (['minute', 'second'] as const);
  const count = Math.floor(ms / UNIT_MS[large]);
  const rest = Math.floor((ms - count * UNIT_MS[large]) / UNIT_MS[small]);
  const units = [
    { unit: large, count },
    { unit: small, count: rest },
  ].filter((each) => each.count > 0);
  return units.length > 0 ? units : [{ unit: small, count: 0 }];
}

const UNIT_MS = { day: DAY_MS, hour: HOUR_MS, minute: MINUTE_MS, second: 1_000 } as const;
