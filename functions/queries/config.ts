/** Environment variables of the stage's functions; the construct sets each of them. */
export const QUERY_ENVIRONMENT = ['WINDOWS_TABLE', 'CASES_TABLE', 'FINGERPRINT_SECRET_ARN'] as const;
