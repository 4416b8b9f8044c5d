const IN_EACH = ['CHARGES_TABLE', 'CASES_TABLE', 'EDGE_SECRET_ARN'] as const;
const CONTROLS = ['CONTROLS_TABLE', 'VERSION_1_WINDOWS_TABLE'] as const;

/** As `EDGE_SECRET_ARN`: nothing stands before the API. */
export const NO_EDGE = 'none';

/** Environment variables of the API's functions, by their names; the construct sets each of them. */
export const API_ENVIRONMENT = {
  public: [...IN_EACH, 'PAYER_LINK_SECRET_ARN'],
  read: [...IN_EACH, ...CONTROLS, 'INCIDENTS_TABLE', 'JOBS_TABLE', 'EXPORTS_BUCKET', 'EXPORT_DAYS'],
  decide: [
    ...IN_EACH,
    ...CONTROLS,
    'INCIDENTS_TABLE',
    'JOBS_TABLE',
    'PAYER_LINK_SECRET_ARN',
    'APPROVAL_KEY_ARN',
    'USER_POOL_ID',
  ],
} as const;
