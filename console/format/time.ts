import type { Ms } from '../../core/brands.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/clock-units.ts';

/** Whose clock times are shown by: the reader's own, or UTC as records and other desks have it. */
export type Zone = 'local' | 'utc';

/** A time to the second with its zone at its end: nobody should have to guess whose clock it is. */
export function formatTime(iso: string, { locale, zone }: { readonly locale: string; readonly zone: Zone }): string {
  const at = new Date(iso);
  const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {};
  const time = new Intl.DateTimeFormat(locale, { ...(isChinese(locale) ? FIGURES : NAMED), ...CLOCK, ...timeZone });
  const named = new Intl.DateTimeFormat(locale, { timeZoneName: 'short', ...timeZone }).formatToParts(at);
  return `${time.format(at)} ${named.find(({ type }) => type === 'timeZoneName')?.value ?? ''}`;
}

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const NAMED = { year: 'numeric', month: 'short', day: 'numeric' } as const;
/** 2024/11/11: in Chinese the named form is longer, not clearer. */
const FIGURES = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;

function isChinese(locale: string): boolean {
  return locale.startsWith('zh');
}

/** A span of time in its two largest units, from milliseconds up: `850 ms`, `3.2 s`, `4 m 10 s`, `2 h 5 m`, `3 d 4 h`. */
export function formatSpan(ms: Ms): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${size} ms`;
  if (size < MINUTE_MS) return `${Number((size / 1_000).toFixed(1))} s`;
  const units = [
    ['d', DAY_MS],
    ['h', HOUR_MS],
    ['m', MINUTE_MS],
    ['s', 1_000],
  ] as const;
  const at = units.findIndex(([, unitMs]) => size >= unitMs);
  const [large, small] = units.slice(at, at + 2);
  if (large === undefined || small === undefined) return `${size} ms`;
  const count = Math.floor(size / large[1]);
  const rest = Math.floor((size - count * large[1]) / small[1]);
  return rest === 0 ? `${count} ${large[0]}` : `${count} ${large[0]} ${rest} ${small[0]}`;
}
