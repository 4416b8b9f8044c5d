import { approveIncident, type BulkApprovalContext } from './bulk-approval.ts';
import { type ExportContext, exportCases } from './export-cases.ts';
import type { Slice } from './run-job.ts';

/** The work of one slice, for each kind of job. */
export function sliceOf(context: ExportContext & BulkApprovalContext): Slice {
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
