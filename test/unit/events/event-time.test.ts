import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../core/events/event-time.ts';
import { paymentEventSchema } from '../../../core/events/wire-event.ts';

const timeSchema = paymentEventSchema.options[0].shape.time;
/** Date.parse misreads a longer fraction that begins with zeros: V8 takes `.0004000000` for 4 ms. */
const FRACTION_DIGITS_MAX = 9;

const fields = fc.record({
  at: fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
  fraction: fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,9}$/), fc.stringMatching(/^\.0{0,12}\d{1,20}$/)),
  zone: fc.oneof(fc.constant('Z'), fc.stringMatching(/^[+-]([01]\d|2[0-3]):[0-5]\d$/)),
});

/** The instant by the setters of Date: no text is parsed as a time. */
function instantOf(at: Date, fraction: string, zone: string): number {
  const instant = new Date(at);
  instant.setUTCMilliseconds(Number(fraction.slice(1, 4).padEnd(3, '0')));
  if (zone === 'Z') return instant.getTime();
  const aheadMinutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return instant.getTime() - Number(`${zone[0]}${aheadMinutes}`) * 60_000;
}

describe('the time of an event', () => {
  it('is the instant that Date gives, for 100,000 random times that the schema passes', () => {
    fc.assert(
      fc.property(fields, ({ at, fraction, zone }) => {
        const time = at.toISOString().slice(0, 19) + fraction + zone;
        if (!timeSchema.safeParse(time).success) expect.fail(`${time} is refused`);
        const ms = epochMs(time);
        if (ms !== instantOf(at, fraction, zone)) expect.fail(`${time} is read as ${ms}`);
        const isForDate = fraction.length <= 1 + FRACTION_DIGITS_MAX;
        if (isForDate && ms !== Date.parse(time)) expect.fail(`Date.parse reads ${time} as ${Date.parse(time)}`);
      }),
      { numRuns: 100_000 },
    );
  });

  it('is right on every day of four centuries', () => {
    for (let ms = Date.parse('1800-01-01T00:00:00Z'); ms < Date.parse('2200-01-01T00:00:00Z'); ms += 86_400_000) {
      if (epochMs(new Date(ms).toISOString()) !== ms) expect.fail(new Date(ms).toISOString());
    }
  });

  it.each([
    ['no seconds', '2024-11-11T00:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['the hour 24', '2024-11-11T24:00:00Z'],
    ['a date outside the calendar', '2023-02-29T00:00:00Z'],
    ['no zone', '2024-11-11T00:00:00'],
    ['a zone without minutes', '2024-11-11T00:00:00+08'],
    ['a zone without a colon', '2024-11-11T00:00:00+0800'],
    ['lower-case letters', '2024-11-11t00:00:00z'],
    ['a point without digits', '2024-11-11T00:00:00.Z'],
  ])('is never read from %s: the schema refuses it', (_, time) => {
    expect(timeSchema.safeParse(time).success).toBe(false);
  });
});
