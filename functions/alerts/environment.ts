/** Environment variables of the stage's functions; the construct sets each of them. */
export const ALERT_ENVIRONMENT = ['ALERTS_TOPIC_ARN', 'INCIDENTS_TABLE'] as const;
export const DIGEST_ENVIRONMENT = ['ALERTS_TOPIC_ARN', 'INCIDENTS_TABLE', 'CONTROLS_TABLE', 'CASES_TABLE'] as const;
