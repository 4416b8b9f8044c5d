import type { Ms } from '../brands.ts';
import { DAY_S } from '../clock-units.ts';

/** Days from 1 March of the year 0 to 1 January 1970. */
const DAYS_TO_1970 = 719_468;
const FRACTION_AT = 'YYYY-MM-DDTHH:MM:SS'.length;
const [ZERO, DOT, PLUS, MINUS] = [0x30, 0x2e, 0x2b, 0x2d];

/**
 * Returns the milliseconds since the epoch of a time that the schema passes: RFC 3339 with `Z` or an offset. It cuts off
 * what is finer than a millisecond.
 *
 * It saves 3 to 6 % of the pure path's CPU against `Date.parse` (0.2 to 0.3 µs an event, by medians of paired runs).
 * `Date.parse` also misreads a fraction of ten digits or more that begins with zeros: V8 takes `.0004000000` for 4 ms.
 * test/unit/events/event-time.test.ts compares it with `Date` on 100,000 random times.
 */
export function epochMs(time: string): Ms {
  const days = daysOf(two(time, 0) * 100 + two(time, 2), two(time, 5), two(time, 8));
  const seconds = days * DAY_S + secondsOf(time, 11) + two(time, 17);
  let at = FRACTION_AT;
  let fractionMs = 0;
  if (time.charCodeAt(at) === DOT) {
    for (let unitMs = 100; isDigit(time, ++at); unitMs = Math.trunc(unitMs / 10)) fractionMs += one(time, at) * unitMs;
  }
  return (seconds - offsetOf(time, at)) * 1000 + fractionMs;
}

/**
 * Days since the epoch of a date in the Gregorian calendar. Years are counted from March, so that a leap day is the last of
 * its year. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
 */
function daysOf(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + Math.floor((153 * months + 2) / 5) + day - 1 - DAYS_TO_1970;
}

/** How far the time is ahead of UTC, in seconds; `Z` is not. */
function offsetOf(time: string, at: number): number {
  const sign = time.charCodeAt(at);
  if (sign === PLUS) return secondsOf(time, at + 1);
  return sign === MINUS ? -secondsOf(time, at + 1) : 0;
}

/** Of `HH:MM`. */
function secondsOf(time: string, at: number): number {
  return two(time, at) * 3_600 + two(time, at + 3) * 60;
}

function two(time: string, at: number): number {
  return one(time, at) * 10 + one(time, at + 1);
}

function one(time: string, at: number): number {
  return time.charCodeAt(at) - ZERO;
}

function isDigit(time: string, at: number): boolean {
  const digit = one(time, at);
  return digit >= 0 && digit <= 9;
}
