/** Environment variables of the stage's functions; the construct sets each of them. */
export const REFUND_ENVIRONMENT = [
  'WINDOWS_TABLE',
  'CASES_TABLE',
  'CONTROLS_TABLE',
  'SANDBOX_TABLE',
  'FINGERPRINT_SECRET_ARN',
] as const;
