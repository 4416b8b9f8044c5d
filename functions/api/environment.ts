const CHARGES_AND_CASES = ['CHARGES_TABLE', 'CASES_TABLE'] as const;
const CONTROLS = ['CONTROLS_TABLE', 'VERSION_1_WINDOWS_TABLE'] as const;

/** Environment variables of the API's functions, by their names; the construct sets each of them. */
export const API_ENVIRONMENT = {
  public: [...CHARGES_AND_CASES, 'PAYER_LINK_SECRET_ARN'],
  read: [...CHARGES_AND_CASES, ...CONTROLS, 'INCIDENTS_TABLE', 'JOBS_TABLE', 'EXPORTS_BUCKET'],
  decide: [
    ...CHARGES_AND_CASES,
    ...CONTROLS,
    'INCIDENTS_TABLE',
    'JOBS_TABLE',
    'PAYER_LINK_SECRET_ARN',
    'APPROVAL_KEY_ARN',
    'USER_POOL_ID',
  ],
} as const;
