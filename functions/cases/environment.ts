/** Environment variables of the stage's functions; the construct sets each of them. */
export const SEAL_ENVIRONMENT = ['CASES_TABLE', 'SEAL_BUCKET', 'CASE_DAYS'] as const;
