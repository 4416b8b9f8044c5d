import type { Task } from '../../core/jobs/task.ts';

const JOB_ENVIRONMENT = ['JOBS_TABLE', 'CASES_TABLE', 'DEAD_LETTER_BUCKET'] as const;

/** Environment variables of the stage's functions; the construct sets each of them. */
export const EXPORT_ENVIRONMENT = [...JOB_ENVIRONMENT, 'EXPORTS_BUCKET'] as const;
export const APPROVE_ENVIRONMENT = [
  ...JOB_ENVIRONMENT,
  'INCIDENTS_TABLE',
  'CONTROLS_TABLE',
  'APPROVAL_KEY_ARN',
] as const;

export type JobKind = Task['kind'];
