/** Environment variables of the stage's functions; the construct sets each of them. */
export const SENDING_ENVIRONMENT = ['ALERTS_TOPIC_ARN', 'INCIDENTS_TABLE'] as const;
export const ALERT_ENVIRONMENT = [...SENDING_ENVIRONMENT, 'DEAD_LETTER_BUCKET', 'CASES_TABLE'] as const;
export const DIGEST_ENVIRONMENT = [
  ...SENDING_ENVIRONMENT,
  'CONTROLS_TABLE',
  'CASES_TABLE',
  'VERSION_1_WINDOWS_TABLE',
] as const;
