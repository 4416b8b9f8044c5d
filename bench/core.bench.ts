import { createHmac, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDigests } from '../adapters/crypto/digests.ts';
import { createSigningKey } from '../adapters/crypto/signing-key.ts';
import { parseConfiguration } from '../core/configuration/configuration.ts';
import { emptyRecord } from '../core/detection/charge-record.ts';
import { emptyWindow } from '../core/detection/charge-window.ts';
import { appliesTo } from '../core/detection/detector.ts';
import { type Digests, fingerprintOf, flagIdOf, payerDigestOf, sameDigestOf } from '../core/detection/fingerprint.ts';
import { capture } from '../core/detection/record-transitions.ts';
import { file } from '../core/detection/window-transitions.ts';
import { parseEvent } from '../core/events/parse-event.ts';
import { signEvent } from '../core/events/sign-event.ts';
import { createSignatures } from '../core/events/signatures.ts';
import type { EventRules } from '../core/events/source.ts';
import { medianOf, printTable, readOptions } from './report.ts';
import { traffic } from './traffic.ts';

const START_MS = Date.parse('2024-11-11T00:00:00+08:00');
const EVENTS = 20_000;
const ROUNDS_WARM_UP = 6;
const ROUNDS = 25;

const { json } = readOptions({ json: { type: 'boolean', default: false } });
const lines = traffic({ events: EVENTS, duplicates: 0, name: 'core', startMs: START_MS });
const records = lines.map((line) => Buffer.from(line));
const configuration = readConfiguration();
const KEY = 'k'.repeat(64);
const ownDigests = createDigests({ version: '1', key: KEY });
/** Beside them, the platform's HMAC: the difference is what our own saves. */
const platformDigests = { ...ownDigests, hmac128: platformHmac128(KEY) };
const signingKey = createSigningKey({
  id: 'bench-1',
  stage: 'bench',
  source: '/processors/wallet',
  key: Buffer.alloc(32, 1),
});
const signedRecords = records.map((record) => signEvent(record, () => signingKey));
const signedRules: EventRules = {
  isPlaceholder: configuration.isPlaceholder,
  sourceOf: (id) => {
    const source = configuration.sourceOf(id);
    return source && { ...source, signing: 'required' };
  },
  signatures: createSignatures(new Map([[signingKey.id, signingKey]])),
};
/** Read at the end, so that no work is optimised away. */
let observedVersions = 0;

/** What any consumer of JSON pays before it has looked at anything. */
function limit(): void {
  for (const line of lines) observedVersions += typeof JSON.parse(line) === 'object' ? 1 : 0;
}

function limitFromBytes(): void {
  for (const record of records) observedVersions += typeof JSON.parse(record.toString()) === 'object' ? 1 : 0;
}

function parse(): void {
  for (const record of records)
    observedVersions += parseEvent(record, START_MS + EVENTS, configuration).kind === 'event' ? 1 : 0;
}

function parseSigned(): void {
  for (const record of signedRecords)
    observedVersions += parseEvent(record, START_MS + EVENTS, signedRules).kind === 'event' ? 1 : 0;
}

/** From a record's bytes to the items that would be inserted, under the first `detectorsMax` detectors. */
function purePath(detectorsMax: number, digests: Digests = ownDigests): void {
  const nowMs = START_MS + EVENTS;
  const keys = { digests, namespaceOf: configuration.namespaceOf };
  for (const record of records) {
    const parsed = parseEvent(record, nowMs, configuration);
    if (parsed.kind === 'rejected' || parsed.event.kind !== 'charge.captured') throw new Error('bug: no capture');
    const { charge, timeMs } = parsed.event;
    const id = flagIdOf(charge, digests);
    const detectors = configuration.detectorsFor(charge).slice(0, detectorsMax);
    const filedIn = detectors
      .filter((detector) => appliesTo(detector, charge))
      .map((detector) => ({ detector, fingerprint: fingerprintOf(detector, charge, keys) }));
    const windows = filedIn.map(({ detector, fingerprint }) => ({ detector: detector.id, fingerprint }));
    const told = { charge, timeMs, arrivedMs: nowMs, nowMs, history: configuration.history, windows };
    observedVersions += capture(emptyRecord(id, charge), told).record.version;
    for (const { detector, fingerprint } of filedIn) {
      observedVersions += file(emptyWindow(detector.id, fingerprint), detector, {
        id,
        timeMs,
        seenMs: nowMs,
        same: sameDigestOf(detector, charge, digests),
        payer: payerDigestOf(charge, digests),
        isKnown: false,
        nowMs,
      }).window.version;
    }
  }
}

const contenders = [
  { name: 'JSON.parse of the lines (the limit)', run: limit },
  { name: 'JSON.parse of the records, decoded', run: limitFromBytes },
  { name: 'parseEvent: decode, parse, validate', run: parse },
  { name: 'pure path, one detector', run: () => purePath(1) },
  { name: 'pure path, the two default detectors', run: () => purePath(2) },
  { name: 'the same with createHmac', run: () => purePath(2, platformDigests) },
  { name: 'parseEvent of signed events', run: parseSigned },
] as const;

// Each round runs all of them, one after the other: what else the machine does hits all alike.
const rounds = Array.from({ length: ROUNDS_WARM_UP + ROUNDS }, () =>
  contenders.map(({ run }) => cpuMicrosPerEvent(run)),
).slice(ROUNDS_WARM_UP);
const microsOf = (at: number) => medianOf(rounds.map((round) => round[at] ?? Number.NaN));
const shareOf = (at: number, of: number) =>
  medianOf(rounds.map((round) => (round[of] ?? Number.NaN) / (round[at] ?? Number.NaN)));

printTable(
  ['', 'µs of CPU', 'events/s/core', 'of the limit'],
  contenders.map(({ name }, at) => [
    name,
    microsOf(at).toFixed(2),
    Math.round(1e6 / microsOf(at)).toLocaleString('en'),
    shareOf(at, 0).toFixed(2),
  ]),
);
if (observedVersions === 0) throw new Error('bug: nothing was done');
if (json) {
  const figures = {
    ofLimit: round(shareOf(3, 0)),
    ofLimitFromBytes: round(shareOf(3, 1)),
    ofLimitTwoDetectors: round(shareOf(4, 0)),
    eventsPerSecond: Math.round(1e6 / microsOf(3)),
    signatureMicros: round(microsOf(6) - microsOf(2)),
  };
  console.log(JSON.stringify(figures));
}

function cpuMicrosPerEvent(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / EVENTS;
}

function platformHmac128(key: string): Digests['hmac128'] {
  const secret = createSecretKey(Buffer.from(key));
  return (text) => createHmac('sha256', secret).update(text).digest().toString('base64url', 0, 16);
}

function readConfiguration() {
  const file = join(import.meta.dirname, '..', 'configuration', 'prod.json');
  const parsed = parseConfiguration(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('; '));
  return parsed.configuration;
}

function round(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}
