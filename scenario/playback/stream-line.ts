import * as z from 'zod';
import type { Ms } from '../../core/brands.ts';
import type { StreamRecord } from '../../core/detection/detect.ts';
import { epochMs } from '../../core/events/event-time.ts';

/** What a line says, read without judging it: detection alone decides what the line is worth. */
export interface Said {
  readonly isCapture: boolean;
  readonly source: string | undefined;
  readonly chargeId: string | undefined;
  /** The processor's id of the money movement. */
  readonly payment: string | undefined;
  /** False for a charge of a test mode, which moves no money. */
  readonly isLive: boolean;
}

export interface StreamLine extends StreamRecord {
  readonly said: Said;
}

const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const time = z.iso.datetime({ offset: true }).optional().catch(undefined);
const said = z.object({
  type: text,
  source: text,
  time,
  arrives: time,
  data: z.object({ chargeId: text, payment: text, livemode: flag, test: flag }).optional().catch(undefined),
});

/**
 * Returns the lines in the order in which they reach the stream: at `arrives`, else at `time`. A line that has neither
 * arrives with the line before it.
 */
export function toStream(lines: readonly Uint8Array[]): readonly StreamLine[] {
  const read = lines.map((bytes) => ({ bytes, ...readLine(bytes) }));
  let arrivedMs = read.find((line) => line.arrivedMs !== undefined)?.arrivedMs ?? 0;
  const stream = read.map((line) => {
    arrivedMs = line.arrivedMs ?? arrivedMs;
    return { bytes: line.bytes, said: line.said, arrivedMs };
  });
  return stream.sort((a, b) => a.arrivedMs - b.arrivedMs);
}

export function readLine(bytes: Uint8Array): { readonly arrivedMs: Ms | undefined; readonly said: Said } {
  const line = said.safeParse(jsonOf(bytes)).data;
  const { chargeId, payment, livemode, test } = line?.data ?? {};
  const arrives = line?.arrives ?? line?.time;
  return {
    arrivedMs: arrives === undefined ? undefined : epochMs(arrives),
    said: {
      isCapture: line?.type === 'charge.captured',
      source: line?.source,
      chargeId,
      payment,
      isLive: livemode !== false && test !== true,
    },
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
