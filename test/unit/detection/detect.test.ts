import { describe, expect, it } from 'vitest';
import { createMemoryCaseStore } from '../../../adapters/memory/case-store.ts';
import { createMemoryCharges } from '../../../adapters/memory/charges.ts';
import { createMemorySigningKeys } from '../../../adapters/memory/signing-keys.ts';
import { createMemorySuspensionStore } from '../../../adapters/memory/suspension-store.ts';
import type { CaseStore } from '../../../core/cases/case-store.ts';
import { raiseFlags } from '../../../core/cases/raise-flags.ts';
import { type DetectContext, detect, type StreamRecord } from '../../../core/detection/detect.ts';
import { usedFromTheStart } from '../../../core/detection/new-detectors.ts';
import type { RecordStore } from '../../../core/detection/record-store.ts';
import type { InsertOutcome, WindowStore } from '../../../core/detection/window-store.ts';
import type { Quarantined } from '../../../core/events/quarantine.ts';
import { captured, charge, MINUTE, START_MS, voided, WALLET } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { putEach } from '../../fixtures/put-each.ts';
import { bytesOf } from '../../fixtures/wire-events.ts';
import { wireOf } from '../../fixtures/wire-of.ts';

/** Two orders charged once, one charged three times, a void, and a record that nobody can read in their midst. */
const BATCH: readonly StreamRecord[] = [
  captured(charge({ chargeId: 'a1', order: 'o_a', payer: 'p_a' })),
  captured(charge({ chargeId: 'b1', order: 'o_b', payer: 'p_b' })),
  'poison' as const,
  captured(charge({ chargeId: 'b2', order: 'o_b', payer: 'p_b' }), { timeMs: START_MS + MINUTE }),
  captured(charge({ chargeId: 'b3', order: 'o_b', payer: 'p_b' }), { timeMs: START_MS + 2 * MINUTE }),
  captured(charge({ chargeId: 'c1', order: 'o_c', payer: 'p_c' })),
  voided(charge({ chargeId: 'c1', order: 'o_c', payer: 'p_c' })),
].map((event) => ({ bytes: event === 'poison' ? bytesOf('{"broken') : wireOf(event), arrivedMs: START_MS }));

function world() {
  const { records, windows } = createMemoryCharges();
  const cases = createMemoryCaseStore();
  const aside: Quarantined[] = [];
  const context = contextOf({
    records,
    windows,
    cases,
    quarantine: putEach(async (record) => void aside.push(record)),
  });
  return { context, records, windows, cases, aside };
}

/** Detection over these stores, whose flags follow its windows. */
function contextOf({
  cases,
  ...stores
}: Pick<DetectContext, 'records' | 'windows' | 'quarantine'> & { readonly cases: CaseStore }): DetectContext {
  const context = {
    ...stores,
    suspensions: createMemorySuspensionStore(),
    signingKeys: createMemorySigningKeys(),
    configuration: configuration(),
    digests,
    namespaces: new Map(),
    nowMs: () => START_MS,
    random: () => 0.5,
    sleep: async () => {},
  };
  return {
    ...context,
    raiseFlags: (views, actor) =>
      raiseFlags(views, actor, {
        ...context,
        cases,
        configurationHash: 'configuration-1',
        detectorsSince: async () => usedFromTheStart(context.configuration.detectors),
      }),
  };
}

/** What a run has left behind, without how often it was written. */
function remains({ records, windows, cases, aside }: ReturnType<typeof world>) {
  return {
    records: records
      .all()
      .map(({ version: _version, ...facts }) => facts)
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    windows: windows
      .all()
      .map(({ version: _version, ...facts }) => facts)
      .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
    flags: cases
      .allFlags()
      .map(({ charge: { chargeId }, status, attempt }) => ({ chargeId, status, attempt }))
      .sort((a, b) => (a.chargeId < b.chargeId ? -1 : 1)),
    quarantined: [...new Set(aside.map(({ id, reason }) => `${reason} ${id}`))],
  };
}

/** The same without who is whose original: a charge that comes again is filed after those that were not throttled. */
function counted(of: ReturnType<typeof world>) {
  const { records, windows, flags, quarantined } = remains(of);
  const membersOf = ({ fingerprint, entries }: (typeof windows)[number]) => ({
    fingerprint,
    members: entries.map(({ id }) => id).toSorted(),
    seqs: entries.map(({ seq }) => seq),
    originals: entries.filter(({ verdict }) => verdict.kind === 'original').length,
  });
  return { records, windows: windows.map(membersOf), flags: flags.length, quarantined };
}

async function undisturbedCounts() {
  const clean = world();
  await detect(BATCH, clean.context);
  return counted(clean);
}

async function undisturbed() {
  const clean = world();
  expect((await detect(BATCH, clean.context)).failedFrom).toBeUndefined();
  return remains(clean);
}

/** Inserts all items but those that are throttled. */
function without<Item>(
  insertAll: (all: readonly Item[]) => Promise<readonly InsertOutcome[]>,
  isThrottled: () => boolean,
) {
  return async (all: readonly Item[]): Promise<readonly InsertOutcome[]> => {
    const refused = all.filter(isThrottled);
    const rest = (await insertAll(all.filter((item) => !refused.includes(item)))).values();
    return all.map((item) =>
      refused.includes(item) ? { failed: new Error('ThrottlingError') } : (rest.next().value ?? 'exists'),
    );
  };
}

/** Lambda's way: what is reported as failed, and all after it, comes again. */
async function redeliver(context: DetectContext, failedFrom: number | undefined): Promise<void> {
  if (failedFrom === undefined) throw new Error('nothing was reported as failed');
  const again = await detect(BATCH.slice(failedFrom), context);
  expect(again.failedFrom).toBeUndefined();
}

describe('a batch', () => {
  it('is judged around a poison record, which is quarantined', async () => {
    const { flags, quarantined } = await undisturbed();
    expect(flags.map(({ chargeId }) => chargeId)).toEqual(['b2', 'b3']);
    expect(quarantined).toHaveLength(1);
  });

  it('counts each event that was judged for its source, replays too, and names the source of a refused one', async () => {
    const { context, aside } = world();
    const refused = { bytes: bytesOf({ source: '/processors/new' }), arrivedMs: START_MS };
    const first = await detect([...BATCH, refused], context);
    expect(first.acceptedBySource).toEqual(new Map([[WALLET, 6]]));
    expect((await detect(BATCH, context)).acceptedBySource).toEqual(first.acceptedBySource);
    expect(aside.map(({ source }) => source).slice(0, 2)).toEqual([undefined, '/processors/new']);
  });

  it('that is delivered twice leaves what once leaves', async () => {
    const twice = world();
    await detect(BATCH, twice.context);
    await detect(BATCH, twice.context);
    expect(remains(twice)).toEqual(await undisturbed());
  });

  it.each(Array.from({ length: 15 }, (_, at) => at))(
    'whose table throttles insert %d keeps the rest and heals',
    async (at) => {
      const throttled = world();
      let inserts = 0;
      const { windows, records } = throttled;
      const context = {
        ...throttled.context,
        windows: { ...windows, insertWindows: without(windows.insertWindows, () => inserts++ === at) },
        records: { ...records, insertRecords: without(records.insertRecords, () => inserts++ === at) },
      };
      const { failedFrom, failures } = await detect(BATCH, context);
      if (failedFrom !== undefined) {
        expect(failures[0]?.error).toMatchObject({ message: 'ThrottlingError' });
        await redeliver(throttled.context, failedFrom);
      }
      expect(counted(throttled)).toEqual(await undisturbedCounts());
    },
  );

  it('on a dead table reports its first event, and nothing is lost', async () => {
    const dead = world();
    const gone = async (): Promise<never> => {
      throw new Error('ResourceNotFoundException');
    };
    const refused = async (all: readonly unknown[]): Promise<readonly InsertOutcome[]> =>
      all.map(() => ({ failed: new Error('ResourceNotFoundException') }));
    const windows: WindowStore = { insertWindows: refused, readWindows: gone, replaceWindow: gone };
    const records: RecordStore = { insertRecords: refused, readRecords: gone, replaceRecord: gone };
    const { failedFrom } = await detect(BATCH, { ...dead.context, windows, records });
    expect(failedFrom).toBe(0);
    expect(dead.windows.all()).toEqual([]);
    await redeliver(dead.context, failedFrom);
    expect(remains(dead)).toEqual(await undisturbed());
  });

  it('whose flags cannot be written comes again as a whole', async () => {
    const mute = world();
    const cases: CaseStore = {
      ...mute.cases,
      commit: async () => {
        throw new Error('InternalServerError');
      },
    };
    const { failedFrom } = await detect(BATCH, contextOf({ ...mute.context, cases }));
    expect(failedFrom).toBe(0);
    await redeliver(mute.context, failedFrom);
    expect(remains(mute)).toEqual(await undisturbed());
  });

  it('that cannot be quarantined reports the record that was refused', async () => {
    const full = world();
    const quarantine = putEach(() => Promise.reject(new Error('NoSuchBucket')));
    const { failedFrom } = await detect(BATCH, { ...full.context, quarantine });
    expect(failedFrom).toBe(2);
    await redeliver(full.context, failedFrom);
    expect(remains(full)).toEqual(await undisturbed());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'that runs out of time after %d writes is done by its redelivery',
    async (writes) => {
      const late = world();
      let left = writes;
      // A call that is never answered: the function is ended while it waits, and the write before it has happened.
      const untilTimeOut =
        <Arguments extends unknown[], Answer>(act: (...given: Arguments) => Promise<Answer>) =>
        async (...given: Arguments): Promise<Answer> =>
          left-- > 0 ? act(...given) : new Promise<Answer>(() => {});
      const { records, windows, cases } = late;
      const slow = contextOf({
        records: {
          ...records,
          insertRecords: untilTimeOut(records.insertRecords),
          replaceRecord: untilTimeOut(records.replaceRecord),
        },
        windows: {
          ...windows,
          insertWindows: untilTimeOut(windows.insertWindows),
          replaceWindow: untilTimeOut(windows.replaceWindow),
        },
        cases: { ...cases, commit: untilTimeOut(cases.commit) },
        quarantine: { putAll: untilTimeOut(late.context.quarantine.putAll) },
      });
      const ended = await Promise.race([
        detect(BATCH, slow),
        new Promise<'timed out'>((end) => setImmediate(end, 'timed out')),
      ]);
      if (ended === 'timed out') expect((await detect(BATCH, late.context)).failedFrom).toBeUndefined();
      expect(remains(late)).toEqual(await undisturbed());
    },
  );
});
