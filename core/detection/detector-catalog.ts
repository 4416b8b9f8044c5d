import type { Detector } from './detector.ts';

/** Whose events a detector judges. A charge is one, and so is an `order.closed`. */
export interface Subject {
  readonly source: string;
  readonly merchant: string;
}

/** The detectors of a stage, strongest first, and how a merchant's overrides and a source's entry change them. */
export interface DetectorCatalog {
  /** Without overrides. */
  readonly detectors: readonly Detector[];
  /** Returns the detectors that judge the subject, strongest first; none for a source that is not registered. */
  detectorsFor(subject: Subject): readonly Detector[];
  /** Returns the detector of that id as it judges the subject; undefined when it no longer does. */
  detectorFor(id: string, subject: Subject): Detector | undefined;
  /** Charges meet only within one namespace. */
  namespaceOf(source: string): string;
}
