import * as z from 'zod';
import { hasSecrets } from './card-secrets.ts';
import { hasCardNumber } from './find-card-numbers.ts';

/**
 * No control, bidirectional mark, embedding, override or isolate, and no separator of lines or paragraphs: a text must read
 * in an e-mail, a log and a table as its author saw it. As a pattern it is part of the API's description.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ONE_LINE = /^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/;
/** The same, save line feeds and tabs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const LINES = /^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$/;
const HIDING = 'must not have control characters, bidirectional marks or line separators; take them out';
const CARD_NUMBER = 'must not have a card number; name the charge, or the last four digits of the card';
const SECRET = 'must not have a security code, a PIN or the data of a track; take it out';

interface TextForm {
  readonly lengthMax: number;
  /** May it have several lines? Only what is shown as a text of its own may. */
  readonly hasLines?: boolean;
}

/** A text that an operator writes and that is stored: a reason, a comment, evidence, a name. The messages repeat nothing of it. */
export function writtenText({ lengthMax, hasLines = false }: TextForm) {
  return z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .regex(hasLines ? LINES : ONE_LINE, HIDING)
    .refine((text) => !hasCardNumber(text), CARD_NUMBER)
    .refine((text) => !hasSecrets(text), SECRET);
}

/** As long as a name may be that is stored with a decision. */
const NAME_LENGTH_MAX = 256;
/** The reason of a decision: e-mails and the record of an incident show it, so that it cannot be blank. */
export const reasonText = writtenText({ lengthMax: 1_000 });
export const nameText = writtenText({ lengthMax: NAME_LENGTH_MAX });
