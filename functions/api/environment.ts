/** Environment variables of the stage's functions; the construct sets each of them. */
export const API_ENVIRONMENT = [
  'CHARGES_TABLE',
  'CASES_TABLE',
  'INCIDENTS_TABLE',
  'CONTROLS_TABLE',
  'VERSION_1_WINDOWS_TABLE',
  'JOBS_TABLE',
  'EXPORTS_BUCKET',
  'PAYER_LINK_SECRET_ARN',
] as const;
