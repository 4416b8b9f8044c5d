import type { Alert } from './alert.ts';
import { CHINESE } from './email-chinese.ts';
import { ENGLISH } from './email-english.ts';
import type { Words } from './email-words.ts';

/** Amazon SNS takes 100 characters of ASCII, the first of them a letter, a digit or punctuation. */
const SUBJECT_MAX = 99;
const SEPARATOR = '\n\n----------------------------------------\n\n';

/** The subject of the e-mail. Names that are not ASCII are in the text. */
export function emailSubject(alert: Alert): string {
  const ascii = `Onecharge: ${ENGLISH.title(alert)}`.replaceAll(/[^\x20-\x7e]+/g, '?');
  return ascii.length > SUBJECT_MAX ? `${ascii.slice(0, SUBJECT_MAX - 3)}...` : ascii;
}

/** The text of the e-mail, in English and then in Chinese. */
export function emailText(alert: Alert): string {
  return [ENGLISH, CHINESE].map((words) => textIn(words, alert)).join(SEPARATOR);
}

function textIn(words: Words, alert: Alert): string {
  const link = alert.link === undefined ? [] : [`${words.link}${alert.link}`];
  return [
    words.title(alert),
    '',
    ...words.lines(alert),
    ...refundLines(words, alert),
    '',
    ...link,
    `${words.id}${alert.alertId}`,
  ].join('\n');
}

/** A line for each refund of a case: why it waits, and what it rested on. */
function refundLines({ sentences }: Words, alert: Alert): readonly string[] {
  const refunds = 'refunds' in alert ? (alert.refunds ?? []) : [];
  return refunds.map(({ charge, reasons, grounds }) => {
    const told = [...grounds, ...reasons].map(({ sentence }) => sentence[sentences]);
    return `${charge.chargeId}: ${told.join(' ')}`;
  });
}
