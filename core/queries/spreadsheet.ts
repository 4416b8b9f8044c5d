/** What a spreadsheet takes for the beginning of a formula; the full-width forms too, which some normalize first. */
const FORMULA = '=+\\-@＝＋－＠';
/** Where a cell may begin for a reader with another separator or no idea of quotes. */
const SEPARATORS = ',;|\\t\\r\\n"';

const FORMULA_BEGINS = new RegExp(`(?<=(?:^|[${SEPARATORS}])[\\s"]*)[${FORMULA}]`, 'gu');
const CONTROL_BEGINS = /^[\t\r\n]/u;

/**
 * Text that no spreadsheet runs as a formula, whatever separator its locale knows: an apostrophe stands before each
 * character that could begin one. Other text stays as it is.
 * Source: OWASP, "CSV Injection"; full-width forms as Apple Numbers normalizes them.
 */
export function harmless(text: string): string {
  return text.replace(FORMULA_BEGINS, "'$&").replace(CONTROL_BEGINS, "'$&");
}
