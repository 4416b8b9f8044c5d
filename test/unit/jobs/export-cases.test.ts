import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { createMemoryExportFiles, type MemoryExportFiles } from '../../../adapters/memory/export-files.ts';
import { CASE_LINES } from '../../../adapters/s3/case-lines.ts';
import { asCaseId } from '../../../core/brands.ts';
import type { Case } from '../../../core/cases/case.ts';
import { type ExportContext, exportCases, PART_LENGTH } from '../../../core/jobs/export-cases.ts';
import { type Job, newJob } from '../../../core/jobs/job.ts';
import type { ExportFormat, ExportTask, Progress } from '../../../core/jobs/task.ts';
import { EXPORT_COLUMNS } from '../../../core/queries/export-row.ts';
import { caseOf } from '../../fixtures/cases.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';

let files: MemoryExportFiles;
beforeEach(() => {
  files = createMemoryExportFiles();
});

/** Cases in the order in which they are given, whenever they were opened. */
function contextOf(cases: readonly Case[]): ExportContext {
  const store = createMemoryCaseStore();
  const cursorOf = (n: number) => `${new Date(START_MS).toISOString()}#${String(n).padStart(32, '0')}`;
  const listed = cases.map((found, n) => ({ found, cursor: cursorOf(n) }));
  return {
    files,
    digests,
    lines: CASE_LINES,
    cases: {
      ...store,
      listCases: async (_list, { limit, cursor }) => {
        const from = listed.findIndex((each) => each.cursor === cursor) + 1;
        const items = listed.slice(from, from + limit);
        const last = items.at(-1);
        return { items, ...(from + limit < listed.length && last && { cursor: last.cursor }) };
      },
    },
  };
}

function jobOf(format: ExportFormat, filter: ExportTask['filter'] = {}): Job<ExportTask> {
  return newJob({ task: { kind: 'export', format, filter }, by: 'ann', nowMs: START_MS }, digests);
}

function many(count: number, shows: Partial<Case> = {}): readonly Case[] {
  return Array.from({ length: count }, (_, n) => caseOf({ id: asCaseId(digests.hash128(`case ${n}`)), ...shows }));
}

/** One slice after another, each from the last point that was saved. */
async function untilEnd(
  job: Job<ExportTask>,
  context: ExportContext,
  slice: {
    readonly isTimeUp: () => boolean;
    readonly savedMax?: number;
    /** What a store does to the filter. */
    readonly turned?: (task: ExportTask) => ExportTask['filter'];
  } = { isTimeUp: () => false },
): Promise<Job<ExportTask>> {
  let at = job;
  for (let slices = 0; slices < 1_000; slices++) {
    let saved = 0;
    for await (const progress of exportCases(at, slice.isTimeUp, context)) {
      const task = taskOf(progress);
      at = { ...at, task: { ...task, filter: slice.turned?.(task) ?? task.filter }, done: progress.done };
      if (progress.isOver) return at;
      if (++saved === slice.savedMax) break;
    }
  }
  throw new Error('it has no end');
}

function taskOf({ task }: Progress): ExportTask {
  if (task.kind !== 'export') throw new Error('another task');
  return task;
}

describe('an export', () => {
  it.each(['csv', 'ndjson'] as const)('as %s holds every case once, in its order', async (format) => {
    const cases = many(250);
    const job = await untilEnd(jobOf(format), contextOf(cases));
    expect(job.done).toBe(250);
    expect(idsIn(format, files.fileOf(job.id))).toEqual(cases.map(({ id }) => id));
  });

  it('holds the cases that its filter means, also when a store gives the filter back in another order', async () => {
    const cases = many(250).map((one, n) => (n % 3 === 0 ? { ...one, merchant: 'm_3' } : one));
    const context = contextOf(cases);
    const job = await untilEnd(jobOf('csv', { merchant: 'm_3', currency: 'CNY', status: 'open' }), context, {
      isTimeUp: () => true,
      turned: ({ filter: { merchant, currency, status } }) => ({ status, currency, merchant }),
    });
    expect(idsIn('csv', files.fileOf(job.id))).toEqual(cases.filter((_, n) => n % 3 === 0).map(({ id }) => id));
  });

  it('of no case is a file all the same', async () => {
    const csv = await untilEnd(jobOf('csv'), contextOf([]));
    expect(parse(files.fileOf(csv.id) ?? '', { bom: true })).toEqual([EXPORT_COLUMNS]);
    const ndjson = await untilEnd(jobOf('ndjson'), contextOf([]));
    expect(files.fileOf(ndjson.id)).toBe('');
  });

  it('is the same when every slice ends after its first page', async () => {
    const cases = many(1_050);
    const job = await untilEnd(jobOf('csv'), contextOf(cases), { isTimeUp: () => true });
    expect(job.done).toBe(1_050);
    expect(idsIn('csv', files.fileOf(job.id))).toEqual(cases.map(({ id }) => id));
  });

  it('is the same wherever slices end early or are cut off, also with a point that they could not save', async () => {
    const cases = many(730);
    const slices = fc.array(
      fc.record({ checks: fc.array(fc.boolean(), { maxLength: 12 }), points: fc.nat(3), isLastLost: fc.boolean() }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(slices, async (cut) => {
        let at = jobOf('csv');
        for (const { checks, points, isLastLost } of cut) {
          const isTimeUp = () => checks.pop() ?? false;
          let left = points;
          for await (const progress of exportCases(at, isTimeUp, contextOf(cases))) {
            const isCut = left-- === 0;
            if (!isCut || !isLastLost) at = { ...at, task: taskOf(progress), done: progress.done };
            if (isCut || progress.isOver) break;
          }
        }
        const job = await untilEnd(at, contextOf(cases));
        expect(job.done).toBe(730);
        expect(idsIn('csv', files.fileOf(job.id))).toEqual(cases.map(({ id }) => id));
        files = createMemoryExportFiles();
      }),
      { numRuns: 60 },
    );
  });

  it('never has more than a part in memory, and its parts are as large as S3 asks', async () => {
    // A token of 6,000 characters stands for many cases: pages are large then, and the test is short.
    const cases = many(2_500, { merchant: 'm'.repeat(6_000) });
    const sizes: number[] = [];
    const context = contextOf(cases);
    const measured = {
      ...context,
      files: {
        ...files,
        putPart: (upload: Parameters<typeof files.putPart>[0], number: number, text: string) => {
          sizes.push(text.length);
          return files.putPart(upload, number, text);
        },
      },
    };
    const job = await untilEnd(jobOf('ndjson'), measured, { isTimeUp: () => false, savedMax: 1 });
    expect(idsIn('ndjson', files.fileOf(job.id))).toEqual(cases.map(({ id }) => id));
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.slice(0, -1).every((size) => size >= PART_LENGTH && size < PART_LENGTH * 1.2)).toBe(true);
  });

  it('that was joined by a slice which could not say so is over all the same', async () => {
    const context = contextOf(many(5));
    const job = jobOf('csv');
    const points: Progress[] = [];
    for await (const progress of exportCases(job, () => false, context)) points.push(progress);
    const [read] = points;
    if (read === undefined) throw new Error('no point');
    const again: Progress[] = [];
    const resumed = { ...job, task: taskOf(read), done: read.done };
    for await (const progress of exportCases(resumed, () => false, context)) again.push(progress);
    expect(again).toEqual([expect.objectContaining({ isOver: true, done: 5 })]);
    expect(idsIn('csv', files.fileOf(job.id))).toHaveLength(5);
  });
});

function idsIn(format: ExportFormat, text = ''): readonly string[] {
  if (format === 'csv') return parse(text, { bom: true, from: 2 }).map(([id = '']: string[]) => id);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);
}
