import type { Charge } from '../events/payment-event.ts';
import type { CapturedRecord } from './charge-record.ts';
import type { ChargeWindow } from './charge-window.ts';
import { appliesTo, CHARGE_FIELDS, type Detector } from './detector.ts';
import type { DetectorCatalog } from './detector-catalog.ts';

/**
 * Returns all that decides which charges a detector takes for copies of this one, as one line: its key, what it compares,
 * how far it looks, and the namespace in which the charge's tokens mean the same. Equal lines, equal copies. The actions
 * and attestations are left out: those of today rule each claim.
 */
export function epochOf(
  { key, same, normalise, near, windowMs, reviewWindowMs, isChainUnlimited }: Detector,
  { source }: Pick<Charge, 'source'>,
  { namespaceOf }: Pick<DetectorCatalog, 'namespaceOf'>,
): string {
  const normalised = CHARGE_FIELDS.flatMap((field) =>
    normalise[field] ? [`${field}:${normalise[field].join('+')}`] : [],
  );
  return [
    `key ${key.join(' ')}`,
    `same ${same.join(' ')}`,
    ...(normalised.length > 0 ? [`normalise ${normalised.join(' ')}`] : []),
    ...(near ? [`near ${near.percent}% ${near.minor}`] : []),
    `window ${windowMs} ${reviewWindowMs}${isChainUnlimited ? ' unlimited' : ''}`,
    `namespace ${namespaceOf(source)}`,
  ].join('; ');
}

/** Returns the line under which a window found a charge: where the source has left its namespace, that is one of before. */
export function epochIn(
  { fingerprint }: Pick<ChargeWindow, 'fingerprint'>,
  { capture: { charge, windows } }: CapturedRecord,
  { detector, catalog }: { readonly detector: Detector; readonly catalog: Pick<DetectorCatalog, 'namespaceOf'> },
): string {
  const filed = windows.find((filed) => filed.fingerprint === fingerprint);
  const namespaceOf = (source: string) => filed?.formerNamespace ?? catalog.namespaceOf(source);
  return epochOf(detector, charge, { namespaceOf });
}

/** How today's configuration differs from the one that found a copy. */
export type RuleChange = 'gone' | 'exempt' | 'rule';

/** A copy that a detector has found. */
export interface FoundCopy {
  readonly detector: string;
  readonly charge: Charge;
  /** Absent: found before epochs were stored. */
  readonly epoch?: string;
}

/** Returns how the rule that found the copy has changed; undefined where it is as it was. */
export function ruleChangeOf(
  { detector: id, charge, epoch }: FoundCopy,
  catalog: Pick<DetectorCatalog, 'detectorFor' | 'namespaceOf'>,
): RuleChange | undefined {
  const detector = catalog.detectorFor(id, charge);
  if (detector === undefined) return 'gone';
  if (!appliesTo(detector, charge)) return 'exempt';
  return epoch !== undefined && epoch !== epochOf(detector, charge, catalog) ? 'rule' : undefined;
}
