/** Environment variables of the stage's functions; the construct sets each of them. */
export const WINDOWS_ENVIRONMENT = ['WINDOWS_TABLE', 'CASES_TABLE', 'FINGERPRINT_SECRET_ARN'] as const;
/** Of the workflow's tasks, by their names. */
export const TASK_ENVIRONMENT = {
  assess: ['WINDOWS_TABLE', 'CASES_TABLE', 'CONTROLS_TABLE'],
  hold: WINDOWS_ENVIRONMENT,
  claim: [...WINDOWS_ENVIRONMENT, 'CONTROLS_TABLE'],
  reverse: [...WINDOWS_ENVIRONMENT, 'CONTROLS_TABLE', 'SANDBOX_TABLE'],
  record: [...WINDOWS_ENVIRONMENT, 'CONTROLS_TABLE'],
} as const;
export const STARTS_ENVIRONMENT = ['REFUND_STATE_MACHINE_ARN', 'STARTS_PER_SECOND'] as const;
export const DISPATCH_ENVIRONMENT = [...STARTS_ENVIRONMENT, 'DEAD_LETTER_BUCKET'] as const;
export const SWEEP_ENVIRONMENT = [...STARTS_ENVIRONMENT, 'CASES_TABLE', 'CONTROLS_TABLE'] as const;
