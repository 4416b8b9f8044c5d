import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { allocationCodec } from '../../../adapters/dynamodb/allocation-item.ts';
import { attributesOf } from '../../../adapters/dynamodb/charge-items.ts';
import { definitionCodec, firstDetectorsCodec } from '../../../adapters/dynamodb/detector-definitions.ts';
import * as incidents from '../../../adapters/dynamodb/incident-codecs.ts';
import * as incidentItems from '../../../adapters/dynamodb/incident-items.ts';
import { decodeJob, encodeJob, jobCodec } from '../../../adapters/dynamodb/job-item.ts';
import { migrationCodec } from '../../../adapters/dynamodb/migration-item.ts';
import { quarantinedCodec, quarantineEntryCodec } from '../../../adapters/dynamodb/quarantine-item.ts';
import { decodeRecord, encodeRecord, recordCodec, recordKey } from '../../../adapters/dynamodb/record-item.ts';
import { refusalCountCodec, refusalNoticeCodec } from '../../../adapters/dynamodb/refusal-items.ts';
import { decodeReservation, encodeReservation, reservationCodec } from '../../../adapters/dynamodb/reservation-item.ts';
import { namespacesCodec } from '../../../adapters/dynamodb/source-namespaces.ts';
import * as statistics from '../../../adapters/dynamodb/statistics-items.ts';
import { version1WindowCodec } from '../../../adapters/dynamodb/version-1-window-item.ts';
import { decodeWindow, encodeWindow, windowCodec } from '../../../adapters/dynamodb/window-item.ts';
import * as sandbox from '../../../adapters/gateways/sandbox-items.ts';
import { bundledRecordCodec } from '../../../adapters/s3/bundled-records.ts';
import * as workflow from '../../../adapters/stepfunctions/workflow-states.ts';
import { asFlagId, asIncidentId } from '../../../core/brands.ts';
import { headCodec, sealCodec } from '../../../core/cases/seal.ts';
import type { ChargeRecord } from '../../../core/detection/charge-record.ts';
import type { Incident } from '../../../core/incidents/incident.ts';
import type { LiveIncident, OpenedCase } from '../../../core/incidents/incident-store.ts';
import type { Member } from '../../../core/incidents/totals.ts';
import type { Job } from '../../../core/jobs/job.ts';
import { payerLinkCodec } from '../../../core/queries/payer-link.ts';
import type { CaseFact, Sums } from '../../../core/queries/statistics.ts';
import type { FinalOutcome } from '../../../core/refunds/refund-gateway.ts';
import type { Codec, Immutable } from '../../../core/versioned.ts';
import { arbitraryOf } from '../../fixtures/arbitrary-of.ts';
import { charge, WALLET } from '../../fixtures/charges.ts';
import { viewed, viewOf } from '../../fixtures/views.ts';

const CODECS: readonly Codec<z.ZodType<object>>[] = [
  windowCodec,
  recordCodec,
  reservationCodec,
  definitionCodec,
  firstDetectorsCodec,
  namespacesCodec,
  jobCodec,
  migrationCodec,
  version1WindowCodec,
  allocationCodec,
  quarantinedCodec,
  quarantineEntryCodec,
  bundledRecordCodec,
  refusalCountCodec,
  refusalNoticeCodec,
  sealCodec,
  headCodec,
  payerLinkCodec,
  incidents.incidentCodec,
  incidents.liveCodec,
  incidents.closingCodec,
  incidents.listedCodec,
  incidents.memberCodec,
  incidents.openedCaseCodec,
  incidents.processedCodec,
  statistics.factCodec,
  statistics.sumsCodec,
  statistics.lateCodec,
  statistics.summedCodec,
  sandbox.bookedChargeCodec,
  sandbox.bookedRefundCodec,
  sandbox.behaviourCodec,
  workflow.startCodec,
  workflow.attemptCodec,
  workflow.heldCodec,
  workflow.askedCodec,
  workflow.concludedCodec,
];

describe.each(CODECS.map((codec) => [codec.what, codec] as const))('the codec of a %s', (_what, codec) => {
  it('reads from JSON and from DynamoDB what it writes', () => {
    fc.assert(
      fc.property(arbitraryOf(codec.schema), (value) => {
        const encoded = codec.encode(value);
        expect(codec.decode(JSON.parse(JSON.stringify(encoded)), 'x')).toEqual(value);
        expect(codec.decode(unmarshall(marshall(encoded, { removeUndefinedValues: true })), 'x')).toEqual(value);
      }),
    );
  });

  it('refuses the version after its own, whatever the record holds', () => {
    fc.assert(
      fc.property(arbitraryOf(codec.schema), (value) => {
        const newer = { ...codec.encode(value), schemaVersion: codec.schemaVersion + 1 };
        expect(() => codec.decode(newer, 'x')).toThrow(/deploy the newer code/);
      }),
      { numRuns: 5 },
    );
  });

  it('names the record when it cannot be read', () => {
    expect(() => codec.decode({ schemaVersion: codec.schemaVersion }, 'key-1')).toThrow(
      new RegExp(`^${codec.what} key-1 .*cannot be read: `),
    );
  });
});

it('all states of a refund have one version, because a task does not know which step reads its answer', () => {
  const versions = [
    workflow.startCodec,
    workflow.attemptCodec,
    workflow.heldCodec,
    workflow.askedCodec,
    workflow.concludedCodec,
  ].map(({ schemaVersion }) => schemaVersion);
  expect(new Set(versions).size).toBe(1);
});

describe('an item', () => {
  /** What has expired at time 0 is dropped by every read. */
  const alive = <Facts extends { readonly expiresAtMs: number }>(facts: Facts): Facts => ({
    ...facts,
    expiresAtMs: Math.max(1, Math.abs(facts.expiresAtMs)),
  });

  it('of a charge window gives the window back', () => {
    fc.assert(
      fc.property(arbitraryOf(windowCodec.schema), fc.nat(), fc.nat(), (facts, version, decisiveVersion) => {
        // A sum of two times beyond all calendars is no safe integer.
        fc.pre(facts.entries.every(([, , timeMs, laterMs]) => Number.isSafeInteger(timeMs + laterMs)));
        const item = { pk: 'f_1', version, decisiveVersion, ttl: 1 };
        const stored = attributesOf({ ...item, facts: JSON.stringify(windowCodec.encode(alive(facts))) });
        const { window } = decodeWindow(stored, 0);
        if (window === undefined) throw new Error('an alive window is dropped');
        expect(window).toMatchObject({ fingerprint: 'f_1', version, decisiveVersion, detector: facts.detector });
        expect(decodeWindow(attributesOf(encodeWindow(window)), 0)).toEqual({ window, version });
        expect(decodeWindow(stored, window.expiresAtMs)).toEqual({ window: undefined, version });
      }),
    );
  });

  it('of a window of an order takes 150 bytes a charge', () => {
    const charges = Array.from({ length: 400 }, (_, n) => charge({ chargeId: `ch_${n}` }));
    const { window } = viewOf(charges);
    expect(encodeWindow(window).facts.length / 400).toBeLessThan(150);
    expect(decodeWindow(attributesOf(encodeWindow(window)), 0)).toEqual({ window, version: window.version });
  });

  it('of a charge record gives the record back', () => {
    fc.assert(
      fc.property(arbitraryOf(recordCodec.schema), fc.nat(), (facts, version) => {
        const item = { pk: recordKey(asFlagId('f_1')), version, ttl: 1 };
        const stored = attributesOf({ ...item, facts: JSON.stringify(recordCodec.encode(alive(facts))) });
        const { record } = decodeRecord(stored, 0);
        if (record === undefined) throw new Error('an alive record is dropped');
        expect(record).toEqual({ id: 'f_1', version, ...alive(facts) });
        expect(decodeRecord(attributesOf(encodeRecord(record)), 0)).toEqual({ record, version });
        expect(decodeRecord(stored, record.expiresAtMs)).toEqual({ record: undefined, version });
      }),
    );
  });

  it('of a clean charge takes one write unit', () => {
    const { record } = viewed(viewOf([charge({ chargeId: 'ch_1', instrument: 'tok_1', channel: 'app' })]), {
      source: WALLET,
      chargeId: 'ch_1',
    });
    expect(encodeRecord(record).facts.length).toBeLessThan(900);
  });

  it('of a charge record is unreadable when a granted claim lacks its amount, or a finished one was called', () => {
    const item = (ours: object) => {
      const facts = {
        schemaVersion: recordCodec.schemaVersion,
        source: WALLET,
        chargeId: 'ch_1',
        expiresAtMs: 1,
        ours,
      };
      return { pk: { S: 'charge#f_1' }, v: { N: '1' }, f: { S: JSON.stringify(facts) } };
    };
    expect(decodeRecord(item({ attempt: 0, state: 'denied' }), 0).record?.ours).toBeDefined();
    expect(() => decodeRecord(item({ attempt: 0, state: 'claimed' }), 0)).toThrow(/cannot be read: .*refundMinor/);
    const finished = { attempt: 0, state: 'refunded', refundMinor: 1, called: true };
    expect(() => decodeRecord(item(finished), 0)).toThrow(/cannot be read: .*ours/);
  });

  it('of a reservation gives it back', () => {
    fc.assert(
      fc.property(arbitraryOf(reservationCodec.schema), (reservation) => {
        expect(decodeReservation(encodeReservation(reservation))).toEqual(reservation);
      }),
    );
  });

  it('of a job, an incident and a member gives them back', () => {
    fc.assert(
      fc.property(arbitraryOf(jobCodec.schema), (job) => {
        expect(decodeJob(encodeJob(job))).toEqual(job);
      }),
    );
    fc.assert(
      fc.property(arbitraryOf(incidents.incidentCodec.schema), ({ openedAtMs, ...rest }) => {
        const incident = { ...rest, openedAtMs: Math.abs(openedAtMs) % 1e12 };
        expect(incidentItems.decodeHead(incidentItems.encodeHead(incident))).toEqual(incident);
        const { id, scope } = incident;
        expect(incidentItems.decodeLive(incidentItems.encodeLive(incident))).toEqual({ id, scope });
        expect(incidentItems.decodeClosing(incidentItems.encodeClosing(incident))).toEqual({ id });
        expect(incidentItems.decodeListed(incidentItems.encodeListed(incident))).toEqual({ id });
      }),
    );
    fc.assert(
      fc.property(arbitraryOf(incidents.memberCodec.schema), (member) => {
        expect(incidentItems.decodeMember(incidentItems.encodeMember(asIncidentId('i_1'), member, 0))).toEqual(member);
      }),
    );
  });
});

describe('what cannot be read is named', () => {
  it.each([
    ['its text', { pk: { S: 'f_1' }, v: { N: '1' } }, 'charge window f_1 lacks its text or its version'],
    ['its version', { pk: { S: 'f_1' }, f: { S: '{}' } }, 'charge window f_1 lacks its text or its version'],
    ['an end of its text', { pk: { S: 'f_1' }, v: { N: '1' }, f: { S: '{"a' } }, 'charge window f_1 is not JSON'],
    ['its entries', { pk: { S: 'f_1' }, v: { N: '1' }, f: { S: '{"detector":"d"}' } }, /^charge window f_1 .*entries/],
  ])('a charge window without %s', (_what, item, message) => {
    expect(() => decodeWindow(item, 0)).toThrow(message);
  });

  it('a charge window without its decisive version', () => {
    const facts = { schemaVersion: windowCodec.schemaVersion, detector: 'd', expiresAtMs: 1, entries: [] };
    const item = { pk: { S: 'f_1' }, v: { N: '1' }, f: { S: JSON.stringify(facts) } };
    expect(() => decodeWindow(item, 0)).toThrow('charge window f_1 lacks its decisive version');
  });

  it('an item, by both of its keys', () => {
    const item = { pk: { S: 'incident#i_1' }, sk: { S: 'head' }, body: { M: {} } };
    expect(() => incidentItems.decodeHead(item)).toThrow(/^incident incident#i_1 head .*cannot be read: id: /);
  });

  it('the state of a refund, by its flag where it has one', () => {
    expect(() => workflow.decodeConcluded({ flagId: 'flag_1', attempt: 0 })).toThrow(/ of flag flag_1 .*outcome/);
    expect(() => workflow.decodeAttempt({})).toThrow(/^state of a refund without a flag /);
  });
});

it('the schemas are the types that the core works with: none of their members is left out', () => {
  type Read<Of extends Codec<z.ZodType>> = Immutable<z.output<Of['schema']>>;
  expectTypeOf<Omit<Read<typeof recordCodec>, 'capture'>>().toEqualTypeOf<
    Immutable<Omit<ChargeRecord, 'id' | 'version' | 'capture'>>
  >();
  expectTypeOf<Read<typeof jobCodec>>().toEqualTypeOf<Immutable<Job>>();
  expectTypeOf<Read<typeof incidents.incidentCodec>>().toEqualTypeOf<Immutable<Incident>>();
  expectTypeOf<Read<typeof incidents.liveCodec>>().toEqualTypeOf<Immutable<LiveIncident>>();
  expectTypeOf<Read<typeof incidents.memberCodec>>().toEqualTypeOf<Immutable<Member>>();
  expectTypeOf<Read<typeof incidents.openedCaseCodec>>().toEqualTypeOf<Immutable<OpenedCase>>();
  expectTypeOf<Read<typeof statistics.factCodec>>().toEqualTypeOf<Immutable<CaseFact>>();
  expectTypeOf<Read<typeof statistics.sumsCodec>>().toEqualTypeOf<Immutable<Sums>>();
  expectTypeOf<Read<typeof workflow.concludedCodec>['outcome']>().toEqualTypeOf<Immutable<FinalOutcome>>();
});
