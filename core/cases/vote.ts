import type { Ms } from '../brands.ts';

/** A person's word on a held refund: of those who approve, and apart from them of those who keep. */
export interface Vote {
  readonly by: string;
  readonly atMs: Ms;
  readonly reason: string;
}
