import type { FlagId, Ms } from '../brands.ts';

/** The runner of refund workflows: one execution per flag and attempt, named after both. */
export interface Workflows {
  /** Starting what was started before answers `already-started`: the name makes it harmless. */
  start(attempt: {
    readonly flagId: FlagId;
    readonly attempt: number;
    readonly graceMs: Ms;
    /** Names another execution of the same attempt, where the first one's waiter is lost. Absent: the first. */
    readonly round?: number;
  }): Promise<'started' | 'already-started'>;
  /** Lets a workflow that waits in a hold go on; `gone` when nobody waits on the token any more. */
  wake(token: string): Promise<'woken' | 'gone'>;
}
