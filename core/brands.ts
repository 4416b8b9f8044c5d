import * as z from 'zod';

/** A number that carries its unit. Any plain number may become one; one unit never becomes another. */
type Unit<Name extends string> = number & { readonly [unit]?: Name };
declare const unit: unique symbol;

/** Milliseconds: a span of time, or the time since 1970. */
export type Ms = Unit<'Ms'>;
/** Minor units of a currency: cents, fen. */
export type Minor = Unit<'Minor'>;

/** A text that names one kind of record. No other text becomes one, and no other kind's id. */
type Id<Name extends string> = string & z.core.$brand<Name>;

export type FlagId = Id<'FlagId'>;
export type CaseId = Id<'CaseId'>;
export type IncidentId = Id<'IncidentId'>;
export type JobId = Id<'JobId'>;
export type Fingerprint = Id<'Fingerprint'>;

/** Parsers of stored and passed ids. An address or a command line narrows the pattern first, then pipes into one. */
export const flagIdSchema = z.string().brand<'FlagId'>();
export const caseIdSchema = z.string().brand<'CaseId'>();
export const incidentIdSchema = z.string().brand<'IncidentId'>();
export const jobIdSchema = z.string().brand<'JobId'>();
export const fingerprintSchema = z.string().brand<'Fingerprint'>();

/** Parsers of whole milliseconds, and of amounts that are not negative. */
export const msSchema: z.ZodType<Ms, Ms> = z.int();
export const minorSchema: z.ZodType<Minor, Minor> = z.int().nonnegative();

/** For the functions that derive an id from content, and for texts that a query has read as a key. */
export const asFlagId = (text: string): FlagId => branded<'FlagId'>(text);
export const asCaseId = (text: string): CaseId => branded<'CaseId'>(text);
export const asIncidentId = (text: string): IncidentId => branded<'IncidentId'>(text);
export const asJobId = (text: string): JobId => branded<'JobId'>(text);
export const asFingerprint = (text: string): Fingerprint => branded<'Fingerprint'>(text);

/** The one cast. A schema would check nothing here, and detection makes several ids for each event. */
function branded<Name extends string>(text: string): Id<Name> {
  return text as Id<Name>;
}
