import type { Detector } from './detector.ts';

/** The detectors of a stage, strongest first, and how a merchant's overrides change them. */
export interface DetectorCatalog {
  /** Without overrides. */
  readonly detectors: readonly Detector[];
  /** The detectors as they are for one merchant, in the same order. */
  detectorsFor(merchant: string): readonly Detector[];
  /** The detector of that id as it is for one merchant; undefined when it is no longer configured. */
  detectorFor(id: string, merchant: string): Detector | undefined;
  /** Charges meet only within one namespace. */
  namespaceOf(source: string): string;
}
