import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { createLinkKey } from '../../../adapters/crypto/link-key.ts';
import { decodeAllocation } from '../../../adapters/dynamodb/allocation-item.ts';
import { decodeDefinition } from '../../../adapters/dynamodb/detector-definitions.ts';
import * as incidents from '../../../adapters/dynamodb/incident-items.ts';
import { decodeJob } from '../../../adapters/dynamodb/job-item.ts';
import { decodeQuarantined } from '../../../adapters/dynamodb/quarantine-item.ts';
import * as statistics from '../../../adapters/dynamodb/statistics-items.ts';
import type { Item } from '../../../adapters/dynamodb/stored-item.ts';
import * as sandbox from '../../../adapters/gateways/sandbox-items.ts';
import { createMemorySealStore } from '../../../adapters/memory/seal-store.ts';
import * as workflow from '../../../adapters/stepfunctions/workflow-states.ts';
import { readSeals } from '../../../core/cases/read-seals.ts';
import { decodeCursor } from '../../../core/queries/cursor.ts';
import { readPayerLink } from '../../../core/queries/payer-link.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { digests } from '../../fixtures/configurations.ts';

/** Each was written by the stores before schemas had versions: test/fixtures/version-1/README.md. */
function version1<Stored>(name: string): Stored {
  const text = readFileSync(new URL(`../../fixtures/version-1/${name}.json`, import.meta.url), 'utf8');
  if (text.includes('schemaVersion')) throw new Error(`${name}.json is not of version 1`);
  return JSON.parse(text);
}

const incidentItems = version1<readonly Item[]>('incidents');
const under = (prefix: string) => incidentItems.filter(({ pk }) => pk?.S?.startsWith(prefix));
const bodyOf = (item: Item): unknown => unmarshall(item).body;

describe('records of version 1', () => {
  it('detector definitions keep their notion', () => {
    const notions = version1<readonly Item[]>('detector-definitions').map(decodeDefinition);
    expect(notions.map((notion) => JSON.parse(notion).key)).toEqual([
      ['payer', 'merchant', 'amount', 'currency'],
      ['merchant', 'order'],
    ]);
  });

  it.each([
    ['opened cases', 'opened#', incidents.decodeOpened],
    ['members of incidents', 'member#', incidents.decodeMember],
    ['closing incidents', 'closing', incidents.decodeClosing],
    ['facts of cases', 'fact#', statistics.decodeFact],
  ] as const)('%s are what they were', (_what, prefix, decode) => {
    const items = under(prefix);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(decode(item)).toEqual(bodyOf(item));
  });

  it('heads of incidents are what they were, in today’s words', () => {
    const names = new Map([
      ['said', 'messages'],
      ['told', 'notified'],
      ['saidAtMs', 'messageAtMs'],
      ['news', 'changes'],
      ['why', 'reason'],
    ]);
    const items = under('incident#');
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) {
      const members = Object.entries(unmarshall(item).body).map(([name, value]) => [names.get(name) ?? name, value]);
      expect(incidents.decodeHead(item)).toEqual(Object.fromEntries(members));
    }
  });

  it('locks of scopes held a whole incident: its id and scope are read', () => {
    expect(under('live').map(incidents.decodeLive)).toEqual([
      { id: '20241110T160000000Z-all', scope: { kind: 'all' } },
    ]);
  });

  it('the list of incidents names each', () => {
    const ids = under('incidents').map((item) => incidents.decodeListed(item).id);
    expect(ids).toEqual(under('incident#').map((item) => incidents.decodeHead(item).id));
  });

  it('sums, late minutes and the mark of summed minutes are what they were', () => {
    const [sums, late, summed] = [under('sums#')[0], under('late-minutes')[0], under('summed-until')[0]];
    if (sums === undefined || late === undefined || summed === undefined) throw new Error('a fixture is missing');
    const { watched, ...rest } = unmarshall(sums).body;
    expect(statistics.decodeSums(sums)).toEqual({ atMs: START_MS, sums: { chargesProcessed: watched, ...rest } });
    expect(statistics.decodeLate(late)).toEqual({ minuteMs: START_MS, markedAtMs: START_MS + 3_600_000 });
    expect(statistics.decodeSummed(summed)).toBe(START_MS + 60_000);
  });

  it('jobs keep their task and their place', () => {
    const items = version1<readonly Item[]>('jobs');
    expect(items).toHaveLength(5);
    for (const item of items) {
      const { task, ...job } = unmarshall(item).body;
      const { place, ...asked } = task;
      // An order of version 1 had no sums: it releases nothing.
      const counted = { sums: {}, counts: { ...asked.counts, beyondSum: 0 } };
      const ordered = asked.kind === 'bulk-approval' ? { ...asked, ...counted } : asked;
      const today = place === undefined ? ordered : { ...asked, checkpoint: place };
      expect(decodeJob(item)).toEqual({ ...job, task: today });
    }
  });

  it('allocations of budget name what each counter was charged', () => {
    const allocations = version1<readonly Item[]>('reservations').filter(({ counters }) => counters !== undefined);
    const sums = allocations.map((item) =>
      decodeAllocation(item)
        .spent.filter(({ pk }) => pk.startsWith('budget#total'))
        .reduce((sum, { minor }) => sum + minor, 0),
    );
    expect(sums.toSorted()).toEqual([12_900, 900_001]);
  });

  it('the sandbox keeps its books', () => {
    const items = version1<readonly Item[]>('sandbox');
    const of = (prefix: string) => items.filter(({ pk }) => pk?.S?.startsWith(prefix));
    expect(of('behaviour').map(sandbox.decodeBehaviour)).toEqual(['refunds']);
    expect(of('charge#').map(sandbox.decodeBookedCharge)).toMatchObject([
      { state: 'disputed', refundedMinor: 0 },
      { state: 'captured', refundedMinor: 100 },
      { state: 'voided', refundedMinor: 0 },
      { state: 'authorized', refundedMinor: 0, behaviour: 'pending:3' },
      { state: 'captured', refundedMinor: 200 },
    ]);
    const states = of('refund#').map((item) => sandbox.decodeBookedRefund(item).state);
    expect(states.toSorted()).toEqual(['failed', 'pending', 'refunded', 'refunded', 'reversed-externally']);
  });

  it('the sandbox still does what it was instructed to do in the old words', () => {
    const behaviour = 'already-undone';
    const books = { state: 'captured', currency: 'CNY', amountMinor: 100, refundedMinor: 0 };
    const [ofOne, ofAll] = [
      marshall({ pk: 'charge#a#1', ...books, behaviour }),
      marshall({ pk: 'behaviour', behaviour }),
    ];
    expect(sandbox.decodeBookedCharge(ofOne).behaviour).toBe('reversed-externally');
    expect(sandbox.decodeBehaviour(ofAll)).toBe('reversed-externally');
  });

  it('the index of quarantined records tells what waits and what was put back', () => {
    const found = version1<readonly Item[]>('quarantine-index').map(decodeQuarantined);
    expect(found.toSorted((a, b) => (a.reason < b.reason ? -1 : 1))).toMatchObject([
      {
        reason: 'card-number',
        byteCount: 26,
        status: 'repaired',
        history: [{ what: 'repaired', at: '2024-11-10T17:00:00.000Z', by: 'ann' }],
      },
      { reason: 'schema', byteCount: 26, status: 'waiting', arrivedAt: '2024-11-10T16:00:00.000Z', history: [] },
    ]);
  });

  it('seals still point to each other, and their heads are read', async () => {
    const days = version1<readonly { day: string; text: string; parts: { [sha256: string]: string } }[]>('seals');
    const seals = createMemorySealStore();
    for (const { day, text, parts } of days) {
      await seals.putSeal(day, text);
      for (const [sha256, part] of Object.entries(parts)) await seals.putPart(sha256, part);
    }
    const read = await readSeals({ seals, digests: { hash256: (text) => hash('sha256', text, 'hex') } });
    expect(read.problems).toEqual([]);
    expect(read.newest?.heads.size).toBe(2);
  });

  it('executions that started before go on', () => {
    const { start, assessed, claimed, asking, undone, refused, gone, waits, held } = version1<{
      [state: string]: { flagId: string; attempt: number; outcome?: unknown };
    }>('workflow-states');
    for (const state of [start, assessed, claimed, waits]) {
      expect(workflow.decodeAttempt(state)).toEqual({ flagId: state?.flagId, attempt: 0 });
    }
    expect(workflow.decodeAsked(claimed)).not.toHaveProperty('asked');
    expect(workflow.decodeAsked(asking)).toMatchObject({ asked: 1 });
    expect(workflow.decodeConcluded(undone).outcome).toEqual(undone?.outcome);
    expect(workflow.decodeConcluded(refused).outcome).toEqual({ kind: 'failed', reason: expect.any(String) });
    expect(workflow.decodeConcluded(gone).outcome).toEqual({ kind: 'reversed-externally' });
    const { flagId, attempt } = held ?? {};
    expect(workflow.decodeHeld(held)).toMatchObject({ flagId, attempt, waitsFor: ['review'], token: 'token-1' });
    expect(workflow.decodeHeld({ state: held, token: 'token-2' })).toMatchObject({ flagId, token: 'token-2' });
    expect(() => workflow.decodeHeld({ state: held })).toThrow('without a token');
  });

  it('payer links open what they were made for', async () => {
    const key = createLinkKey({ version: '1', key: 'a key of 1 for tests, long enough' });
    const links = version1<readonly { scope: object; link: string }[]>('payer-links');
    expect(links).toHaveLength(2);
    for (const { scope, link } of links) {
      const read = await readPayerLink(link, { keys: { linkKeyOf: async () => key }, nowMs: START_MS });
      expect(read).toEqual({ kind: 'scope', scope });
    }
  });

  it('cursors lead on', () => {
    const cursors = version1<readonly { place: string; query: unknown; cursor: string }[]>('cursors');
    expect(cursors).toHaveLength(2);
    for (const { place, query, cursor } of cursors) expect(decodeCursor(cursor, query, digests)).toBe(place);
  });
});
