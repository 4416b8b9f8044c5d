import type { KinesisStreamRecordPayload } from 'aws-lambda';
import { parseEvent } from '../../core/events/parse-event.ts';
import type { Charge } from '../../core/events/payment-event.ts';

/** A peer gets the same record and validates it by the same code: what differs is how it remembers. */
export function captureOf({ data, approximateArrivalTimestamp }: KinesisStreamRecordPayload): Charge {
  const parsed = parseEvent(Buffer.from(data, 'base64'), Math.round(approximateArrivalTimestamp * 1000));
  if (parsed.kind === 'rejected' || parsed.event.kind !== 'charge.captured') throw new Error('bug: not a capture');
  return parsed.event.charge;
}
