import { stringify } from 'csv-stringify/sync';
import type { CaseLines } from '../../core/jobs/export-cases.ts';
import type { ExportFormat } from '../../core/jobs/task.ts';
import { EXPORT_COLUMNS, exportRow, exportView } from '../../core/queries/export-row.ts';
import { harmless } from '../../core/queries/spreadsheet.ts';

/** Without it, spreadsheets take the bytes of 商户 for another encoding's. RFC 4180 is silent; csv readers skip it. */
const BYTE_ORDER_MARK = '\uFEFF';

/** One case a line, as a spreadsheet reads it (RFC 4180, every cell quoted) and as programs do. */
export const CASE_LINES: { readonly [format in ExportFormat]: CaseLines } = {
  csv: {
    head: BYTE_ORDER_MARK + csvOf([EXPORT_COLUMNS]),
    linesOf: (cases) => csvOf(cases.map((one) => exportRow(one).map(harmless))),
  },
  ndjson: {
    head: '',
    linesOf: (cases) => cases.map((one) => `${JSON.stringify(exportView(one))}\n`).join(''),
  },
};

function csvOf(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { quoted: true, quoted_empty: true, record_delimiter: '\r\n' },
  );
}
