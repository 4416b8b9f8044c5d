import type { Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import type { Detector } from '../detection/detector.ts';
import type { DetectorCatalog, Subject } from '../detection/detector-catalog.ts';
import type { RegisteredSource } from './sources.ts';

/** What one merchant changes of a detector. */
export interface DetectorChange {
  readonly action?: Detector['action'] | undefined;
  /** Of both windows, where the merchant has no review window of its own. */
  readonly windowMs?: Ms | undefined;
  readonly reviewWindowMs?: Ms | undefined;
  readonly exemptMccs?: Detector['exemptMccs'] | undefined;
}

interface Parts {
  readonly detectors: readonly Detector[];
  readonly merchants: Readonly<Record<string, { readonly detectors: Readonly<Record<string, DetectorChange>> }>>;
  readonly sourceOf: (id: string) => RegisteredSource | undefined;
}

/** The two things of a source that change its detectors. */
type Traits = Pick<RegisteredSource, 'precision' | 'isReversible'>;

/** All detectors as each subject meets them, made once: four kinds of source, times the merchants with overrides. */
export function detectorCatalog({
  detectors,
  merchants,
  sourceOf,
}: Parts): Pick<DetectorCatalog, 'detectors' | 'detectorsFor' | 'detectorFor'> {
  const made = new Map<string, readonly Detector[]>();
  const detectorsFor = ({ source: id, merchant }: Subject) => {
    const source = sourceOf(id);
    if (source === undefined) return [];
    const traits = { precision: source.precision, isReversible: source.isReversible };
    const isChanged = Object.hasOwn(merchants, merchant);
    const key = `${traits.precision} ${traits.isReversible} ${isChanged ? merchant : ''}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const changes = isChanged ? merchants[merchant]?.detectors : undefined;
    const found = detectors
      .map((base) => changedBy(base, changes?.[base.id]))
      .filter((detector) => suits(detector, traits))
      .map((detector) => (traits.isReversible ? detector : { ...detector, action: 'monitor' as const }));
    made.set(key, found);
    return found;
  };
  return {
    detectors,
    detectorsFor,
    detectorFor: (id, subject) => detectorsFor(subject).find((candidate) => candidate.id === id),
  };
}

/** A date says nothing of what was minutes apart: a detector of less than a day does not judge such a source. */
export function suits({ windowMs }: Pick<Detector, 'windowMs'>, { precision }: Pick<Traits, 'precision'>): boolean {
  return precision === 'instant' || windowMs >= DAY_MS;
}

function changedBy(base: Detector, change: DetectorChange = {}): Detector {
  const { action = base.action, windowMs = base.windowMs, exemptMccs = base.exemptMccs } = change;
  const reviewWindowMs = change.reviewWindowMs ?? change.windowMs ?? base.reviewWindowMs;
  return { ...base, action, windowMs, reviewWindowMs, exemptMccs };
}
