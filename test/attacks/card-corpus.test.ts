import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemoryExportFiles } from '../../adapters/memory/export-files.ts';
import { createMemorySigningKeys } from '../../adapters/memory/signing-keys.ts';
import { CASE_LINES } from '../../adapters/s3/case-lines.ts';
import { inSafeAlphabet } from '../../adapters/sns/alerts.ts';
import { attributesOf } from '../../core/alerts/alert.ts';
import { emailSubject, emailText } from '../../core/alerts/email.ts';
import { raiseFlags } from '../../core/cases/raise-flags.ts';
import { detect } from '../../core/detection/detect.ts';
import { exportCases } from '../../core/jobs/export-cases.ts';
import { newJob } from '../../core/jobs/job.ts';
import { CARDS, corpus, WRITINGS } from '../fixtures/card-corpus.ts';
import { captured, charge, SECOND, START_MS } from '../fixtures/charges.ts';
import { configuration, digests } from '../fixtures/configurations.ts';
import { detectionContext } from '../fixtures/contexts.ts';
import { putEach } from '../fixtures/put-each.ts';
import { quarantineInMemory } from '../fixtures/quarantine-in-memory.ts';
import { WIRE_EVENT_MS } from '../fixtures/wire-events.ts';
import { wireOf } from '../fixtures/wire-of.ts';
import { newTown } from '../unit/alerts/town.ts';
import { createDesk, queryContext } from '../unit/api/desk.ts';

/** 29 cards, 16 writings, 5 of the fields: 2,320 records. In full size each field. */
const FIELDS_EACH = process.env.ONECHARGE_FULL ? 16 : 5;
const BATCH = 100;

const PLANTED = corpus(CARDS, FIELDS_EACH);
const texts = CARDS.flatMap((card) => Object.values(WRITINGS).map((write) => write(card)));

const context = detectionContext(configuration());
const { quarantine, ...stored } = quarantineInMemory(context.configuration);
const api = queryContext(context);
const desk = createDesk(api);
const town = newTown();
const files = createMemoryExportFiles();
const logged: string[] = [];
const spies: { mockRestore(): void }[] = [];

/** What the product has written anywhere: one text a document. */
function allStored(): readonly string[] {
  const latin1 = new TextDecoder('latin1');
  return [
    ...[...stored.objects].flatMap(([key, { bytes }]) => [key, new TextDecoder().decode(bytes), latin1.decode(bytes)]),
    ...stored.messages,
    ...[
      ...stored.listed.map(({ arrivedMs: _, ...record }) => record),
      ...context.records.all(),
      ...context.windows.all(),
      ...context.cases.allFlags(),
      ...context.cases.allCases(),
      ...town.sent,
    ].map((each) => JSON.stringify(each)),
    ...town.sent.flatMap((alert) => [emailSubject(alert), emailText(alert)]),
    ...town.sent.map((alert) => inSafeAlphabet(Object.values(attributesOf(alert)).join(' '))),
    ...logged,
  ];
}

/** Each digit of any script as a plain one, and nothing else: a search that knows nothing of how the product finds. */
function digitsIn(text: string): string {
  const plain = text.normalize('NFKC').replace(/[٠-٩〇一二三四五六七八九]/g, (digit) => {
    return String(Math.max('٠١٢٣٤٥٦٧٨٩'.indexOf(digit), '〇一二三四五六七八九'.indexOf(digit)));
  });
  return plain.replace(/\D/g, '');
}

function plantedIn(documents: readonly string[]): readonly string[] {
  const all = documents.join('\n');
  const digits = documents.map(digitsIn).join('x');
  const isIn = (text: string) => all.includes(text) || all.includes(JSON.stringify(text).slice(1, -1));
  return [...texts.filter(isIn), ...CARDS.filter((card) => digits.includes(card))];
}

async function detectAll(records: readonly Uint8Array[]): Promise<number> {
  let quarantined = 0;
  for (let at = 0; at < records.length; at += BATCH) {
    const batch = records.slice(at, at + BATCH).map((bytes) => ({ bytes, arrivedMs: WIRE_EVENT_MS + 60 * SECOND }));
    const raise = (views: Parameters<typeof raiseFlags>[0], actor: string) => raiseFlags(views, actor, context);
    const detected = await detect(batch, {
      ...context,
      quarantine: putEach(quarantine.put),
      signingKeys: createMemorySigningKeys(),
      raiseFlags: raise,
    });
    expect(detected.failures).toEqual([]);
    quarantined += detected.counts.quarantined;
  }
  return quarantined;
}

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    spies.push(vi.spyOn(stream, 'write').mockImplementation((chunk) => Boolean(logged.push(String(chunk)))));
  }
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    spies.push(vi.spyOn(console, level).mockImplementation((...line) => void logged.push(line.map(String).join(' '))));
  }
  // Beside the corpus two charges of one order, so that there are a case, its alerts and a line of an export.
  const charges = ['ch_1', 'ch_2'].map((chargeId) => wireOf(captured(charge({ chargeId }), { timeMs: START_MS })));
  await detectAll(charges);
  expect(await detectAll(PLANTED.map(({ bytes }) => bytes))).toBe(PLANTED.length);
  const cases = context.cases.allCases();
  await town.work(cases.map((after) => ({ kind: 'case', before: undefined, after })));
  for (const format of ['csv', 'ndjson'] as const) {
    const job = newJob({ task: { kind: 'export', format, filter: {} }, by: 'ann', nowMs: START_MS }, digests);
    for await (const { isOver } of exportCases(job, () => false, { ...context, files, digests, lines: CASE_LINES })) {
      if (isOver) logged.push(files.fileOf(job.id) ?? '');
    }
  }
});
afterAll(() => {
  for (const spy of spies) spy.mockRestore();
});

describe('a card number', () => {
  it('D1: of any network, in any writing and any field of a record, is in no store, mail, export or log', () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(2_000);
    // The search finds what was sent.
    expect(plantedIn(PLANTED.map(({ bytes }) => new TextDecoder().decode(bytes)))).toHaveLength(
      texts.length + CARDS.length,
    );
    expect(context.cases.allCases()).toHaveLength(1);
    expect(town.sent).toHaveLength(1);
    expect(stored.objects.size).toBeGreaterThan(500);
    const leaks = allStored().flatMap((document) =>
      plantedIn([document]).map((text) => `${text} in ${document.slice(0, 400)}`),
    );
    expect(leaks.slice(0, 20)).toEqual([]);
  });

  it('D2: in a comment, a reason or evidence is refused by its field, and neither stored nor answered', async () => {
    const [flag] = context.cases.allFlags();
    if (flag === undefined) throw new Error('no flag was raised');
    const doors = [
      [`/cases/${flag.caseId}/comments`, 'text', {}],
      [`/flags/${flag.id}/approve`, 'reason', {}],
      [`/flags/${flag.id}/keep`, 'reason', {}],
      [`/flags/${flag.id}/refunded-in-error`, 'evidence', { reason: 'two coffees' }],
      ['/refunds/freeze', 'reason', {}],
      ['/refunds/thaw', 'reason', {}],
      ['/incidents/i-1/approve', 'reason', {}],
    ] as const;
    for (const text of texts) {
      for (const [url, field, rest] of doors) {
        const { status, body } = await desk.post(url, { ...rest, [field]: `see ${text}` }, { groups: '[admin]' });
        expect(status, `${url} ${text}`).toBe(400);
        expect(body).toMatchObject({
          code: 'input-invalid',
          detail: expect.stringContaining(`${field}: must not have`),
        });
        expect(plantedIn([JSON.stringify(body)])).toEqual([]);
      }
    }
    expect(await context.cases.commentsOf(flag.caseId)).toEqual([]);
    expect(await api.freezes.newestOrders([])).toEqual([]);
    expect(plantedIn([...allStored(), JSON.stringify(await context.cases.auditOf(flag.caseId))])).toEqual([]);
  });
});
