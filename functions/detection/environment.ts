/** Environment variables of the stage's functions; the construct sets each of them. */
export const DETECT_ENVIRONMENT = [
  'CHARGES_TABLE',
  'CASES_TABLE',
  'INCIDENTS_TABLE',
  'QUARANTINE_TABLE',
  'QUARANTINE_BUCKET',
  'QUARANTINE_KEY_ARN',
  'QUARANTINE_QUEUE_URL',
  'QUARANTINE_DAYS',
  'FINGERPRINT_SECRET_ARN',
  'SIGNING_SECRET_ARN',
  'STAGE',
  'DEAD_LETTER_BUCKET',
] as const;

/** Bytes that could not be read as an event: an operator has this number of days at most to find out what the sender sent. */
export const UNREADABLE = { prefix: 'unreadable/', daysMax: 30 } as const;
