import { parseEvent } from '../../../core/events/parse-event.ts';
import { caseResult } from '../../../scenario/playback/case-result.ts';
import { type Played, play } from '../../../scenario/playback/playback.ts';
import type { PlaybackConfiguration } from '../../../scenario/playback/playback-configuration.ts';
import { readLine, type StreamLine, toStream } from '../../../scenario/playback/stream-line.ts';
import type { ObservedFlag, ObservedSummary, Pace } from '../../../scenario/truth.ts';

export interface PlayedScenario {
  readonly flags: readonly ObservedFlag[];
  readonly summary: ObservedSummary;
  /** How many records were quarantined, by reason. */
  readonly quarantinedBy: Readonly<Record<string, number>>;
  /** The kind of each alert. */
  readonly alerts: readonly string[];
}

/** How long after its last event a file is replayed at once, and how many lines arrive together. */
const REPLAYED_AFTER_MS = 30 * 86_400_000;
const BATCH_LINES = 40;
const BATCH_MS = 200;

/** Plays lines on the core: each at its own time, or all of them before a grace period ends, as the demo does. */
export async function playScenario(
  lines: readonly string[],
  pace: Pace,
  configured: PlaybackConfiguration,
): Promise<PlayedScenario> {
  const inOrder = lines.map((line) => Buffer.from(line));
  const stream = pace === 'paced' ? toStream(inOrder) : atOnce(inOrder);
  const played = await play({ stream, ...configured });
  const flags = observedFlags(stream, played);
  return {
    flags,
    summary: summaryOf(stream, played, { flags, configured }),
    quarantinedBy: countsOf(played.quarantined.map(({ reason }) => reason)),
    alerts: played.alerts.map(({ kind }) => kind),
  };
}

function atOnce(lines: readonly Uint8Array[]): readonly StreamLine[] {
  const lastMs = toStream(lines).at(-1)?.arrivedMs ?? 0;
  return lines.map((bytes, index) => ({
    bytes,
    said: readLine(bytes).said,
    arrivedMs: lastMs + REPLAYED_AFTER_MS + Math.floor(index / BATCH_LINES) * BATCH_MS,
  }));
}

/** The flags in the words of a truth. What expires after a week waits for an approver all the same. */
function observedFlags(stream: readonly StreamLine[], played: Played): readonly ObservedFlag[] {
  const ends = new Map(caseResult('', stream, played).charges.map((end) => [`${end.source} ${end.chargeId}`, end]));
  return played.flags.map(({ charge, original, detector, action, status }) => {
    const { source, chargeId } = charge;
    const end = ends.get(`${source} ${chargeId}`);
    return {
      source,
      chargeId,
      original: original.chargeId,
      originalSource: original.source,
      detector,
      action,
      status: end?.outcome === 'waits' ? 'held' : (end?.outcome ?? status),
      waitsFor: end?.waitsFor ?? [],
    };
  });
}

function summaryOf(
  stream: readonly StreamLine[],
  played: Played,
  { flags, configured }: { flags: readonly ObservedFlag[]; configured: PlaybackConfiguration },
): ObservedSummary {
  const captured = new Set<string>();
  for (const { bytes, arrivedMs } of stream) {
    const parsed = parseEvent(bytes, arrivedMs, configured.configuration);
    if (parsed.kind !== 'event' || parsed.event.kind !== 'charge.captured') continue;
    captured.add(`${parsed.event.charge.source} ${parsed.event.charge.chargeId}`);
  }
  const ended = (status: string) => flags.filter((flag) => flag.status === status).length;
  const refundedMinor: Record<string, number> = {};
  for (const { charge } of played.flags) {
    const minor = played.returnedMinor(charge);
    if (minor > 0) refundedMinor[charge.currency] = (refundedMinor[charge.currency] ?? 0) + minor;
  }
  return {
    events: stream.length,
    charges: captured.size,
    quarantined: played.quarantined.length,
    flags: flags.length,
    cases: new Set(flags.map(({ originalSource, original }) => `${originalSource} ${original}`)).size,
    refunded: ended('refunded'),
    held: ended('held'),
    dismissed: ended('dismissed'),
    failed: ended('failed'),
    monitored: ended('monitored'),
    refundedMinor,
    alerts: played.alerts.filter(({ kind }) => kind.startsWith('case.')).length,
  };
}

function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
