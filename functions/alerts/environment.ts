/** Environment variables of the stage's functions; the construct sets each of them. */
export const TELL_ENVIRONMENT = ['ALERTS_TOPIC_ARN', 'INCIDENTS_TABLE'] as const;
export const ALERT_ENVIRONMENT = [...TELL_ENVIRONMENT, 'DEAD_LETTER_BUCKET'] as const;
export const DIGEST_ENVIRONMENT = [...TELL_ENVIRONMENT, 'CONTROLS_TABLE', 'CASES_TABLE'] as const;
