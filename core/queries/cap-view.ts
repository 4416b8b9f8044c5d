import * as z from 'zod';
import { iso } from '../clock-units.ts';
import { type CapRaise, isEffective } from '../refunds/cap-raise.ts';
import { minor, named, time, type View } from './view-schema.ts';

const act = z.strictObject({ by: z.string(), at: time });
const byCurrency = z.record(z.string(), minor);

export const capRaiseViewSchema = z
  .strictObject({
    id: z.string(),
    currency: z.string(),
    /** Absent: the total of all merchants. */
    merchant: z.string().optional(),
    maxMinor: minor,
    until: time,
    reason: z.string(),
    requested: act,
    confirmed: act.optional(),
    /** Confirmed by a second approver, and not over. */
    effective: z.boolean(),
  })
  .register(named, { id: 'CapRaise' });

/** The caps of all refunds of an hour, as configured, and the raises that are not over. */
export const capsViewSchema = z
  .strictObject({
    capPerHourMinor: z.strictObject({ merchant: byCurrency, total: byCurrency }),
    raises: z.array(capRaiseViewSchema),
  })
  .register(named, { id: 'Caps' });

export function capRaiseView(raise: CapRaise, nowMs: number): View<typeof capRaiseViewSchema> {
  const { id, currency, merchant, maxMinor, untilMs, reason, requested, confirmed } = raise;
  return {
    id,
    currency,
    merchant,
    maxMinor,
    until: iso(untilMs),
    reason,
    requested: { by: requested.by, at: iso(requested.atMs) },
    confirmed: confirmed && { by: confirmed.by, at: iso(confirmed.atMs) },
    effective: isEffective(raise, nowMs),
  };
}
