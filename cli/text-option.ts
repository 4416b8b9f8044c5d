import type * as z from 'zod';
import { nameText, reasonText } from '../core/events/written-text.ts';
import { UserError } from '../core/user-error.ts';

/**
 * Reads a text that an option was given and that is stored. The message repeats nothing of it: it may be a card number.
 *
 * @throws UserError when it may not be stored
 */
function textOption(name: string, schema: z.ZodType<string>): (text: string) => string {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new UserError(`${name} ${issue?.code === 'too_small' ? 'must not be blank' : issue?.message}`);
  };
}

export const reasonOption = textOption('--reason', reasonText);
export const mapFieldOption = textOption('--map-field', nameText);
