import { setTimeout as sleep } from 'node:timers/promises';
import { type EventFile, type FileEntry, type FileRecord, readEventFile } from '../adapters/files/event-file.ts';
import { putTo } from '../adapters/kinesis/stream.ts';
import type { QuarantineReason } from '../core/events/parse-event.ts';
import { type SignerOf, signEvent } from '../core/events/sign-event.ts';
import type { Aws } from './aws.ts';
import { putRecords } from './put-records.ts';

export interface ReplayCounts {
  /** Records that the stream took. */
  readonly sent: number;
  /** Sent records that will end in quarantine, by reason; the same bytes twice are one entry there. */
  readonly rejectedDistinct: ReadonlyMap<QuarantineReason, number>;
  /** Rows that the map leaves out, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Lines that could not become a record at all. */
  readonly unsendable: number;
  /** Lines with either trouble, as reported to `onTrouble`. */
  readonly troubleLines: number;
}

export interface Trouble {
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
}

export interface ReplayOptions {
  readonly aws: Aws;
  readonly streamName: string;
  readonly source: EventFile;
  readonly rate?: number | undefined;
  /** Who signs the events of a source that must sign. */
  readonly signerOf: SignerOf;
  readonly onTrouble: (trouble: Trouble) => void;
  readonly onSent: (recordsSoFar: number) => void;
}

/** Puts a file of events on the stream. Broken lines travel too: the stream's quarantine must account for each. */
export async function replay({
  aws,
  streamName,
  source,
  rate,
  signerOf,
  onTrouble,
  onSent,
}: ReplayOptions): Promise<ReplayCounts> {
  const rejectedDistinct = new Map<QuarantineReason, number>();
  const rejectedKeys = new Set<string>();
  const skipped = new Map<string, number>();
  let troubleLines = 0;
  let unsendable = 0;

  const note = (entry: FileEntry): entry is FileRecord => {
    if (entry.kind === 'skipped') increment(skipped, entry.reason);
    else if (entry.kind === 'unsendable') {
      unsendable += 1;
      troubleLines += 1;
      onTrouble({ line: entry.line, reason: 'not sent', detail: entry.detail });
    } else if (entry.parsed.kind === 'rejected') {
      const { reason, detail } = entry.parsed;
      // The partition key of such a line is its hash.
      if (!rejectedKeys.has(entry.partitionKey)) increment(rejectedDistinct, reason);
      rejectedKeys.add(entry.partitionKey);
      troubleLines += 1;
      onTrouble({ line: entry.line, reason, detail });
    }
    return entry.kind === 'record';
  };
  async function* records() {
    for await (const entry of readEventFile(source))
      if (note(entry)) yield { ...entry, bytes: signEvent(entry.bytes, signerOf) };
  }

  const put = putTo(aws.kinesis, streamName);
  const sent = await putRecords(records(), { put, sleep, random: Math.random, rate, onPut: onSent });
  return { sent, rejectedDistinct, skipped, unsendable, troubleLines };
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
