import type { KinesisStreamRecordPayload } from 'aws-lambda';
import { parseEvent } from '../../core/events/parse-event.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { DEFAULT_PLACEHOLDERS, placeholderTest } from '../../core/events/placeholders.ts';
import type { Source } from '../../core/events/source.ts';

const SOURCE: Source = {
  id: '/processors/wallet',
  namespace: 'bench',
  tells: new Set(['charge.captured']),
  merchants: 'all',
  currencies: undefined,
  attests: new Set(),
  copies: new Set(),
  signing: 'stream',
  tokenFormats: {},
  precision: 'instant',
  isReversible: true,
};
const RULES = {
  sourceOf: (id: string) => (id === SOURCE.id ? SOURCE : undefined),
  isPlaceholder: placeholderTest(DEFAULT_PLACEHOLDERS),
};

/** A peer gets the same record and validates it by the same code: what differs is how it remembers. */
export function captureOf({ data, approximateArrivalTimestamp }: KinesisStreamRecordPayload): Charge {
  const parsed = parseEvent(Buffer.from(data, 'base64'), Math.round(approximateArrivalTimestamp * 1000), RULES);
  if (parsed.kind === 'rejected' || parsed.event.kind !== 'charge.captured') throw new Error('bug: not a capture');
  return parsed.event.charge;
}
