import { randomBytes } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { createIncidentStore } from '../../../adapters/dynamodb/incident-store.ts';
import { createExportFiles } from '../../../adapters/s3/export-files.ts';
import { createExportLinks } from '../../../adapters/s3/export-links.ts';
import { systemRuntime as clock } from '../../../adapters/system-runtime.ts';
import { asJobId } from '../../../core/brands.ts';
import { type Deployed, idOf } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { type Person, signIn } from '../people.ts';
import { newStory } from '../story.ts';

/** Of this merchant the local configuration takes eight cases in a minute for an incident. */
const MERCHANT = 'm_drill';
const CASES = 10;

export function jobStories(world: () => Deployed): void {
  test('an export is written by a job and fetched by its link, by whoever asked for it', async () => {
    const { stack, capture, untilFlag, refundsOf } = world();
    const [viewer, other] = await Promise.all([signIn(stack, 'viewer'), signIn(stack, 'viewer')]);
    const story = newStory();
    const [original, duplicate] = [story.charge('1'), story.charge('2')];
    await capture(original, duplicate);
    const { caseId } = await untilFlag(duplicate, 'refunded');
    expect(await refundsOf(duplicate)).toEqual([12_900]);

    const csv = await exported(viewer, { format: 'csv', filter: { status: 'resolved' } });
    const rows: Record<string, string>[] = parse(await fetched(csv.link), { bom: true, columns: true });
    expect(rows).toContainEqual(
      expect.objectContaining({ case: caseId, merchant: story.merchant, refundedMinor: '12900', reason: 'DUPL' }),
    );
    expect(rows).toHaveLength(Number(csv.done));

    const ndjson = await exported(viewer, { format: 'ndjson', filter: { status: 'resolved' } });
    const lines = (await fetched(ndjson.link)).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toContain(caseId);

    expect(await other.get(`/jobs/${csv.id}`)).toMatchObject({ status: 404 });
    const { origin, pathname, searchParams } = new URL(String(csv.link));
    expect((await fetch(origin + pathname)).status).toBe(403);
    expect(searchParams.get('X-Amz-Expires')).toBe('300');
    expect(searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a file of several parts is whole, whatever was written twice by slices that were cut off', async () => {
    const { stack } = world();
    const bucket = stack.resource('AWS::S3::Bucket', 'JobsExports');
    const files = createExportFiles({ client: stack.s3, bucket });
    const name = asJobId(randomBytes(16).toString('hex'));
    const [first, rest] = ['商'.repeat(2 * 1024 * 1024), 'the rest of a slice\n'];
    const upload = await files.beginFile(name, 'ndjson');
    await files.putPart(upload, 1, 'x'.repeat(5 * 1024 * 1024));
    const part = await files.putPart(upload, 1, first);
    await files.keepRest(`${name}.rest-1`, rest);
    const last = await files.putPart(upload, 2, await files.readRest(`${name}.rest-1`));
    await files.endFile(upload, [part, last]);
    await files.endFile(upload, [part, last]);
    const { url } = await createExportLinks({ client: stack.s3, bucket, ...clock })(name, 'ndjson');
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect((await response.text()) === first + rest).toBe(true);
    const unknown = { name: `${name}-unknown`, id: upload.id };
    await expect(files.endFile(unknown, [part])).rejects.toThrow();
  });

  test('what waits in an incident is approved as one thing, each flag by its own rules', async () => {
    const { stack, capture, untilFlag, flagOf, refundsOf } = world();
    const pairs = Array.from({ length: CASES }, () => pairOf());
    await capture(...pairs.flat());
    const repeats = pairs.map(([, repeat]) => repeat);
    await Promise.all(repeats.map((repeat) => untilFlag(repeat, 'held')));
    const incidentId = await incidentOf(world());

    const roles = ['viewer', 'approver', 'approver'] as const;
    const [viewer, approver, another] = await Promise.all(roles.map((role) => signIn(stack, role)));
    if (viewer === undefined || approver === undefined || another === undefined) throw new Error('three signed in');
    const approve = `/incidents/${incidentId}/approve`;
    const sums = { CNY: CASES * 12_900 };
    const order = { reason: 'the outage of tonight', sums };
    expect(await viewer.post(approve, order)).toMatchObject({ status: 403 });
    await eventually('the sum is that of all cases', async () => {
      const { body } = await viewer.get(`/incidents/${incidentId}/approval`);
      return body.flags === CASES ? body : undefined;
    }).then((body) => expect(body).toMatchObject({ sums, isComplete: true }));
    const asked = await approver.post(approve, order);
    expect(asked).toMatchObject({ status: 202, body: { kind: 'bulk-approval', status: 'waiting' } });
    // Above what one approver may release alone nothing is approved before another has confirmed it.
    expect(await approver.post(`/jobs/${asked.body.id}/confirm`, {})).toMatchObject({ status: 403 });
    const { body: waiting } = await another.get(`/incidents/${incidentId}/approval`);
    expect(waiting.order).toMatchObject({ id: asked.body.id, status: 'waiting' });
    expect(await another.post(`/jobs/${asked.body.id}/confirm`, {})).toMatchObject({ status: 202 });
    const done = await untilDone(approver, asked.body);
    expect(done).toMatchObject({
      total: CASES,
      done: CASES,
      counts: { approved: CASES, needAnother: 0, skipped: 0, beyondSum: 0 },
    });

    await Promise.all(repeats.map((repeat) => untilFlag(repeat, 'refunded')));
    for (const repeat of repeats) expect(await refundsOf(repeat)).toEqual([12_900]);
    expect((await flagOf(repeats[0]!))?.attempt).toBe(0); // there are ten
    const timeline = await viewer.get(`/flags/${idOf(repeats[0]!)}`);
    expect(timeline.body.approvals).toMatchObject([{ reason: order.reason }, { reason: order.reason }]);
  });
}

/** One payer pays one amount twice, for two orders: an error, or two coffees. */
function pairOf() {
  const story = newStory({ ownProcessor: true });
  const shows = () => ({ merchant: MERCHANT, order: `o_${randomBytes(6).toString('hex')}` });
  return [story.charge('1', shows()), story.charge('2', shows())] as const;
}

/** The merchant's incident, once all cases are folded into it. */
async function incidentOf({ stack }: Deployed): Promise<string> {
  const incidents = createIncidentStore({
    client: stack.aws.dynamo,
    table: stack.outputs.IncidentsTableName,
    ...clock,
  });
  return eventually('the cases are one incident', async () => {
    const { items } = await incidents.listIncidents({ limit: 50 });
    const found = items.find(({ scope }) => scope.kind === 'merchant' && scope.merchant === MERCHANT);
    const members = found ? await incidents.membersOf(found.id) : [];
    return members.filter(({ kind }) => kind === 'case').length === CASES ? found?.id : undefined;
  });
}

async function exported(person: Person, asking: object): Promise<Readonly<Record<string, unknown>>> {
  const asked = await person.post('/exports', asking);
  expect(asked).toMatchObject({ status: 202, body: { kind: 'export' } });
  return untilDone(person, asked.body);
}

async function untilDone(person: Person, { id }: Readonly<Record<string, unknown>>) {
  return eventually(`job ${id} is done`, async () => {
    const { body } = await person.get(`/jobs/${id}`);
    expect(body.status).not.toBe('failed');
    return body.status === 'done' ? body : undefined;
  });
}

async function fetched(link: unknown): Promise<string> {
  const response = await fetch(String(link));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="cases-/);
  // Not `text()`: it would hide the byte order mark.
  return Buffer.from(await response.arrayBuffer()).toString('utf8');
}
