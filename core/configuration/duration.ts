import * as z from 'zod';
import type { Ms } from '../brands.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock-units.ts';

/** `15d`, `24h`, `5m`, `30s`, `500ms` to milliseconds. */
export const UNIT_MS = { ms: 1, s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;

type Unit = keyof typeof UNIT_MS;

export const duration = z
  .string()
  .regex(/^\d{1,6}(ms|s|m|h|d)$/, 'must be a number with ms, s, m, h or d, for example "24h"')
  .transform((text): Ms => {
    const unit = text.replace(/^\d+/, '') as Unit; // proven by the pattern above
    return Number.parseInt(text, 10) * UNIT_MS[unit];
  });
