/** Environment variables of the stage's functions; the construct sets each of them. */
export const REFUND_ENVIRONMENT = [
  'WINDOWS_TABLE',
  'CASES_TABLE',
  'CONTROLS_TABLE',
  'SANDBOX_TABLE',
  'FINGERPRINT_SECRET_ARN',
] as const;
export const DISPATCH_ENVIRONMENT = ['REFUND_STATE_MACHINE_ARN', 'STARTS_PER_SECOND', 'DEAD_LETTER_BUCKET'] as const;
export const SWEEP_ENVIRONMENT = [
  'CASES_TABLE',
  'CONTROLS_TABLE',
  'REFUND_STATE_MACHINE_ARN',
  'STARTS_PER_SECOND',
  'FINGERPRINT_SECRET_ARN',
] as const;
