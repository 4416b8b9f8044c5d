import * as z from 'zod';
import type { Ms } from '../brands.ts';
import { DAY_MS } from '../clock-units.ts';
import { bug } from '../fault.ts';
import { addBankingDays } from './banking-days.ts';

const scheme = z.strictObject({
  /** Counted from the charge. */
  days: z.int().min(1).max(540),
  /** By the TARGET calendar, rather than every day. */
  banking: z.boolean().default(false),
  /** What the scheme calls a duplicate charge: goes into the evidence. */
  reason: z.string().regex(/^[\w.-]{1,20}$/, 'must be the code of a reason, for example "12.6.1"'),
});

/** How long a duplicate charge can be disputed or recalled: sources and dates are in docs/evidence.md. */
const SCHEMES: Readonly<Record<string, z.input<typeof scheme>>> = {
  visa: { days: 120, reason: '12.6.1' },
  mastercard: { days: 90, reason: '4834' },
  amex: { days: 120, reason: 'P08' },
  sepa: { days: 10, banking: true, reason: 'DUPL' },
};

/** By when a matter must be closed. A configured scheme adds to the known ones or takes the place of one. */
export const deadlinesSchema = z.strictObject({
  schemes: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'), scheme)
    .prefault({})
    .transform((given) => ({ ...z.record(z.string(), scheme).parse(SCHEMES), ...given })),
  /** The scheme of every source that names none: of those that a card acquirer mixes, the one that ends first. */
  default: z.string().default('mastercard'),
});

export type Deadlines = z.infer<typeof deadlinesSchema>;

export interface Scheme {
  readonly id: string;
  readonly days: number;
  readonly banking: boolean;
  readonly reason: string;
}

/** Which scheme's rules hold for the charges of a source. */
export interface SchemeCatalog {
  schemeOf(source: string): Scheme;
}

/** Returns the scheme of that id, or the default one. The configuration has checked that it exists. */
export function schemeCalled({ schemes, default: otherwise }: Deadlines, id: string = otherwise): Scheme {
  const found = schemes[id];
  if (found === undefined) throw bug(`the configuration was accepted without the scheme ${id}`);
  return { id, ...found };
}

/** The time by which a charge's matter must be closed: never later than the scheme's own limit, which ends a whole day. */
export function deadlineOf(chargedAtMs: Ms, { days, banking }: Scheme): Ms {
  return banking ? addBankingDays(chargedAtMs, days) : chargedAtMs + days * DAY_MS;
}
