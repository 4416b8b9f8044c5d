interface Report {
  readonly atMs: number;
  readonly lagMs: number;
  /** When it was written. */
  readonly knownMs: number;
}

/** What the readers of the stream have reported of their lag, as the referee remembers it. */
export class Readers {
  readonly #reports: Report[] = [];

  noteLag(report: Report): void {
    this.#reports.push(report);
  }

  /** A reader was further behind than the grace, and level for less than a grace by then. */
  wereBehind({ untilMs, graceMs }: { readonly untilMs: number; readonly graceMs: number }): boolean {
    return this.#reports.some(
      ({ atMs, lagMs, knownMs }) => lagMs > graceMs && knownMs < untilMs && untilMs - atMs < graceMs,
    );
  }
}
