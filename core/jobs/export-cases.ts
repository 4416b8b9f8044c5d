import type { Case } from '../cases/case.ts';
import { bug } from '../fault.ts';
import type { ExportedCase } from '../queries/export-row.ts';
import { type FindContext, findCases } from '../queries/find-cases.ts';
import type { Job } from './job.ts';
import type { Slice } from './run-job.ts';
import type { ExportCheckpoint, ExportFormat, ExportTask, Progress, Upload } from './task.ts';

/** Where exports are written. What is put again under the same name or number replaces what was there. */
export interface ExportFiles {
  beginFile(name: string, format: ExportFormat): Promise<Upload>;
  /** Parts are numbered from 1; gives what names the part. All but the last have at least 5 MiB. */
  putPart(upload: Upload, number: number, text: string): Promise<string>;
  /** Joins the parts to the file; a file that is whole already stays as it is. */
  endFile(upload: Upload, parts: readonly string[]): Promise<void>;
  keepRest(name: string, text: string): Promise<void>;
  readRest(name: string): Promise<string>;
}

/** How a format writes cases. */
export interface CaseLines {
  /** What the file begins with. */
  readonly head: string;
  linesOf(cases: readonly ExportedCase[]): string;
}

export interface ExportContext extends FindContext {
  readonly files: ExportFiles;
  readonly lines: { readonly [format in ExportFormat]: CaseLines };
}

const PAGE = 100;
/** Cases whose flags are read side by side, each by a query of its own. */
const FLAGS_OF_AT_ONCE = 25;
/** S3 takes parts of 5 MiB and more. Characters are counted, of which each is a byte at least. */
export const PART_LENGTH = 6 * 1024 * 1024;

/** Returns the slices of jobs that write a file. */
export function exportSlice(context: ExportContext): Slice {
  return (job, isTimeUp) => {
    const { task } = job;
    if (task.kind !== 'export') throw bug(`job ${job.id} exports nothing`);
    return exportCases({ ...job, task }, isTimeUp, context);
  };
}

/**
 * Writes the cases page by page, in parts of some megabytes: at most one part is ever in memory, however many
 * cases there are. A slice that ends in the middle of a part keeps the rest aside for the next.
 */
export async function* exportCases(
  job: Job<ExportTask>,
  isTimeUp: () => boolean,
  { cases, digests, files, lines }: ExportContext,
): AsyncGenerator<Progress> {
  const { task } = job;
  const { head, linesOf } = lines[task.format];
  let { done } = job;
  let checkpoint: ExportCheckpoint = task.checkpoint ?? {
    upload: await files.beginFile(job.id, task.format),
    parts: [],
  };
  const point = (next: ExportCheckpoint, isOver = false): Progress => {
    checkpoint = next;
    return { task: { ...task, checkpoint }, done, isOver };
  };
  let text = await textAt(task.checkpoint, head, files);
  while (!checkpoint.isRead) {
    const find = { filter: task.filter, sort: 'newest', limit: PAGE, cursor: checkpoint.cursor } as const;
    const page = await findCases(find, { cases, digests });
    if (page === undefined) throw bug('the export’s own cursor is of another query');
    text += linesOf(await withFlags(page.items, cases));
    done += page.items.length;
    const { rest: _rest, cursor: _cursor, ...written } = checkpoint;
    const cursor = page.cursor === undefined ? {} : { cursor: page.cursor };
    const isRead = page.cursor === undefined ? { isRead: true as const } : {};
    if (isRead.isRead || text.length >= PART_LENGTH) {
      const part = await files.putPart(checkpoint.upload, checkpoint.parts.length + 1, text);
      text = '';
      yield point({ ...written, parts: [...checkpoint.parts, part], ...cursor, ...isRead });
    } else if (isTimeUp()) {
      // Under a name of its own: a slice that follows another reads what that one has kept, not what came after.
      const rest = `${job.id}.rest-${done}`;
      await files.keepRest(rest, text);
      return yield point({ ...written, ...cursor, rest });
    } else {
      checkpoint = { ...checkpoint, ...cursor };
    }
    if (isTimeUp() && !checkpoint.isRead) return;
  }
  await files.endFile(checkpoint.upload, checkpoint.parts);
  yield point(checkpoint, true);
}

/** Reads the flags of a page, of some cases at a time. */
async function withFlags(
  page: readonly Case[],
  { flagsOf }: Pick<FindContext['cases'], 'flagsOf'>,
): Promise<readonly ExportedCase[]> {
  const read: ExportedCase[] = [];
  for (let at = 0; at < page.length; at += FLAGS_OF_AT_ONCE) {
    const slice = page.slice(at, at + FLAGS_OF_AT_ONCE);
    read.push(...(await Promise.all(slice.map(async (of) => ({ case: of, flags: await flagsOf(of.id) })))));
  }
  return read;
}

async function textAt(checkpoint: ExportCheckpoint | undefined, head: string, files: ExportFiles): Promise<string> {
  if (checkpoint === undefined) return head;
  return checkpoint.rest === undefined ? '' : files.readRest(checkpoint.rest);
}
