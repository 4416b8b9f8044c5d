import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../core/events/event-time.ts';
import { paymentEventSchema } from '../../../core/events/payment-event.ts';

const timeSchema = paymentEventSchema.options[0].shape.time;

const date = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});
const fraction = fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,9}$/));
const zone = fc.oneof(fc.constant('Z'), fc.stringMatching(/^[+-]([01]\d|2[0-3]):[0-5]\d$/));

describe('the time of an event', () => {
  it('is what Date.parse says, for every time that the schema passes', () => {
    fc.assert(
      fc.property(date, fraction, zone, (at, fraction, zone) => {
        const time = at.toISOString().slice(0, 19) + fraction + zone;
        expect(timeSchema.safeParse(time).success).toBe(true);
        expect(epochMs(time)).toBe(Date.parse(time));
      }),
    );
  });

  it('is right on every day of four centuries', () => {
    for (let ms = Date.parse('1800-01-01T00:00:00Z'); ms < Date.parse('2200-01-01T00:00:00Z'); ms += 86_400_000) {
      if (epochMs(new Date(ms).toISOString()) !== ms) expect.fail(new Date(ms).toISOString());
    }
  });
});
