import type { Minor } from '../brands.ts';
import type { Sentence } from '../cases/sentences.ts';
import { formatMoney } from '../events/format-money.ts';
import type { Totals } from '../incidents/totals.ts';
import type { Alert, AlertOf } from './alert.ts';

export type IncidentRecord = AlertOf<'incident.digest'> | AlertOf<'incident.closed'>;
/** What is said of one charge's refund. */
export type RefundAlert = Extract<Alert, { readonly flagId: string; readonly amountMinor: Minor }>;

export type Stakes = Pick<AlertOf<'case.opened'>, 'atStakeMinor' | 'refundedMinor' | 'currency'>;
export type SourceRefused = AlertOf<'source-refused'>;

/** One language's words for what alerts say. */
export interface Words {
  readonly title: (alert: Alert) => string;
  readonly lines: (alert: Alert) => readonly string[];
  /** Its sentences of reasons and grounds. */
  readonly sentences: keyof Sentence;
  readonly link: string;
  readonly id: string;
}

export function sums(totals: Totals, of: 'atStakeMinor' | 'refundedMinor' | 'heldMinor', locale: string): string {
  const found = Object.entries(totals.money).filter(([, amounts]) => amounts[of] !== 0);
  return found.map(([currency, amounts]) => formatMoney(amounts[of], { currency, locale })).join(', ') || '0';
}

/** The reasons of refused records, most frequent first. They are words of the product, the same in every language. */
export function reasonsOf({ byReason }: SourceRefused): string {
  return Object.entries(byReason)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, records]) => `${reason} ${records}`)
    .join(', ');
}

/** What the refund rested on, and each reason for which it waits, a line each. */
export function sentencesIn(language: keyof Sentence, alert: RefundAlert): readonly string[] {
  const reasons = 'reasons' in alert ? alert.reasons : undefined;
  return [...(alert.grounds ?? []), ...(reasons ?? [])].map(({ sentence }) => sentence[language]);
}

export function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}
