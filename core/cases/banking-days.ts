import type { Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';

/**
 * Adds banking days by the TARGET calendar, whose closing days the ECB fixed for good on 14 December 2000: Saturdays,
 * Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December.
 *
 * @param fromMs its own UTC day does not count, whatever day that is.
 * @param days at least 1.
 * @returns the same time of day (UTC) on the last of them.
 */
export function addBankingDays(fromMs: Ms, days: number): Ms {
  let atMs = fromMs;
  for (let left = days; left > 0; ) {
    atMs += DAY_MS;
    if (isBankingDay(atMs)) left--;
  }
  return atMs;
}

/** True when TARGET is open on the UTC day of that time. */
export function isBankingDay(atMs: Ms): boolean {
  const day = new Date(atMs);
  if (day.getUTCDay() === 0 || day.getUTCDay() === 6) return false;
  const [date, month] = [day.getUTCDate(), day.getUTCMonth() + 1];
  const isFixed =
    (month === 1 && date === 1) || (month === 5 && date === 1) || (month === 12 && [25, 26].includes(date));
  if (isFixed) return false;
  const daysAfterEaster = Math.floor((atMs - easterSunday(day.getUTCFullYear())) / DAY_MS);
  return daysAfterEaster !== -2 && daysAfterEaster !== 1;
}

/**
 * Midnight UTC of the Gregorian Easter Sunday. The anonymous algorithm that *Nature* printed on 20 April 1876, valid for
 * every year of the calendar; the letters are those of Meeus, *Astronomical Algorithms*, chapter 8.
 */
export function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return Date.UTC(year, Math.floor(n / 31) - 1, (n % 31) + 1);
}
