/** Environment variables of the stage's functions; the construct sets each of them. */
export const RECORDS_ENVIRONMENT = ['CHARGES_TABLE', 'CASES_TABLE'] as const;
/** Of the workflow's tasks, by their names. */
export const TASK_ENVIRONMENT = {
  assess: [...RECORDS_ENVIRONMENT, 'CONTROLS_TABLE', 'INCIDENTS_TABLE', 'SANDBOX_TABLE', 'VERSION_1_WINDOWS_TABLE'],
  hold: [...RECORDS_ENVIRONMENT, 'INCIDENTS_TABLE'],
  claim: [
    ...RECORDS_ENVIRONMENT,
    'CONTROLS_TABLE',
    'INCIDENTS_TABLE',
    'RESERVATIONS_TABLE',
    'RESERVATION_DAYS',
    'VERSION_1_WINDOWS_TABLE',
    'APPROVAL_KEY_ARN',
  ],
  reverse: [
    ...RECORDS_ENVIRONMENT,
    'CONTROLS_TABLE',
    'RESERVATIONS_TABLE',
    'SANDBOX_TABLE',
    'VERSION_1_WINDOWS_TABLE',
    'APPROVAL_KEY_ARN',
  ],
  record: [...RECORDS_ENVIRONMENT, 'CONTROLS_TABLE'],
} as const;
export const STARTS_ENVIRONMENT = ['REFUND_STATE_MACHINE_ARN', 'STARTS_PER_SECOND'] as const;
export const DISPATCH_ENVIRONMENT = [...STARTS_ENVIRONMENT, 'DEAD_LETTER_BUCKET'] as const;
export const SWEEP_ENVIRONMENT = [
  ...STARTS_ENVIRONMENT,
  'CASE_DAYS',
  'CHARGES_TABLE',
  'CASES_TABLE',
  'CONTROLS_TABLE',
  'VERSION_1_WINDOWS_TABLE',
] as const;
