/** What a spreadsheet takes for the beginning of a formula, and each character that Unicode (NFKC) makes one of them. */
const FORMULA = '=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺₌₊﬩⩵⩶';
/** Where a cell may begin for a reader with another separator or no idea of quotes. */
const SEPARATORS = ',;|\\t\\r\\n"';
/**
 * What shows nothing: spaces, controls, formats, and what fonts leave blank. A spreadsheet, or what reads the file before
 * it, may drop them.
 */
const INVISIBLE = '\\s\\p{Z}\\p{C}\\p{Default_Ignorable_Code_Point}\\u2800';

const FORMULA_BEGINS = new RegExp(`(?<=(?:^|[${SEPARATORS}])[${INVISIBLE}"]*)[${FORMULA}]`, 'gu');
const CONTROL_BEGINS = /^\p{Cc}/u;

/**
 * Text that no spreadsheet runs as a formula, whatever separator its locale knows: an apostrophe stands before each
 * character that could begin one. Other text stays as it is.
 * Source: OWASP, "CSV Injection"; full-width forms as Apple Numbers normalizes them.
 */
export function harmless(text: string): string {
  return text.replace(FORMULA_BEGINS, "'$&").replace(CONTROL_BEGINS, "'$&");
}
