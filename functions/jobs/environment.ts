/** Environment variables of the stage's functions; the construct sets each of them. */
export const RUN_ENVIRONMENT = [
  'JOBS_TABLE',
  'EXPORTS_BUCKET',
  'CASES_TABLE',
  'INCIDENTS_TABLE',
  'DEAD_LETTER_BUCKET',
] as const;

/** An export is fetched when it is done: what lies longer is a copy of cases that nobody looks after. */
export const EXPORT_DAYS = 3;
