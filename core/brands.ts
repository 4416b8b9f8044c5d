import * as z from 'zod';

/** A number with its unit in the type. A plain number fits each unit; one unit never fits another. */
type Unit<Name extends string> = number & { readonly [unit]?: Name };
declare const unit: unique symbol;

/** Milliseconds: a span of time, or the time since 1970. */
export type Ms = Unit<'Ms'>;
/** Minor units of a currency: cents, fen. */
export type Minor = Unit<'Minor'>;

/** A text that names one record. Neither a plain text nor another kind's id fits its type. */
type Id<Name extends string> = string & z.core.$brand<Name>;

export type FlagId = Id<'FlagId'>;
export type CaseId = Id<'CaseId'>;
export type IncidentId = Id<'IncidentId'>;
export type JobId = Id<'JobId'>;
export type Fingerprint = Id<'Fingerprint'>;

/** For codecs. A schema with its own pattern, as a path of the API has, takes the brand with `.brand<'FlagId'>()`. */
export const flagIdSchema = z.string().brand<'FlagId'>();
export const caseIdSchema = z.string().brand<'CaseId'>();
export const incidentIdSchema = z.string().brand<'IncidentId'>();
export const jobIdSchema = z.string().brand<'JobId'>();
export const fingerprintSchema = z.string().brand<'Fingerprint'>();

/** Whole milliseconds, and amounts from 0 on. An annotation widens the output: it needs no cast. */
export const msSchema: z.ZodType<Ms, Ms> = z.int();
export const minorSchema: z.ZodType<Minor, Minor> = z.int().nonnegative();

/** For functions that derive an id from content, for keys of stored items, and for arguments of commands. */
export const asFlagId = (text: string): FlagId => branded<'FlagId'>(text);
export const asCaseId = (text: string): CaseId => branded<'CaseId'>(text);
export const asIncidentId = (text: string): IncidentId => branded<'IncidentId'>(text);
export const asJobId = (text: string): JobId => branded<'JobId'>(text);
export const asFingerprint = (text: string): Fingerprint => branded<'Fingerprint'>(text);

/** The only cast to a brand. A schema would check nothing here, and detection makes several ids for each event. */
function branded<Name extends string>(text: string): Id<Name> {
  return text as Id<Name>;
}
