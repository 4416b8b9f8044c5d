import type { FlagView, TimelineEntry } from '../../../core/queries/views.ts';

/** Audit entries of version 1 keep their words, since their hashes cover them. */
const WORDS_OF_VERSION_1 = {
  watched: 'monitored',
  mistaken: 'refunded-in-error',
  undone: 'reversed-externally',
} as const;

/** The status that an audit entry names, in today's words. */
export function auditedStatus(status: TimelineEntry['to']): FlagView['status'] {
  return status === 'watched' || status === 'mistaken' || status === 'undone' ? WORDS_OF_VERSION_1[status] : status;
}
