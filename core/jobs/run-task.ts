import { approveIncident, type BulkApprovalContext } from './bulk-approval.ts';
import { type ExportContext, exportCases } from './export-cases.ts';
import type { Turn } from './run-job.ts';

/** What a turn on each kind of job is. */
export function turnOf(context: ExportContext & BulkApprovalContext): Turn {
  return (job, isTimeUp) => {
    const { task } = job;
    switch (task.kind) {
      case 'export':
        return exportCases({ ...job, task }, isTimeUp, context);
      case 'bulk-approval':
        return approveIncident({ ...job, task }, isTimeUp, context);
    }
  };
}
