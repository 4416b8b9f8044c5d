import type { CaseResult, ChargeResult } from './case-result.ts';

const HEADINGS = ['charge', 'outcome', 'waits for', 'refunded', 'original'];

/** Returns one case as a table for a person to read. Charges without a flag are only counted where they are many. */
export function printCase({ file, charges, quarantined, alerts }: CaseResult): string {
  const isShort = charges.length <= SHORT;
  const shown = isShort ? charges : charges.filter(({ outcome }) => outcome !== 'none');
  const lines = [file, ...table([HEADINGS, ...shown.map(cellsOf)])];
  if (!isShort) lines.push(`${charges.length - shown.length} more charges: none`);
  for (const { chargeId, sentences } of shown.slice(0, SHORT)) {
    if (sentences.length > 0) lines.push(`${chargeId}: ${sentences.join(' ')}`);
  }
  if (quarantined.length > 0) lines.push(`quarantined: ${list(quarantined.map(nameOf))}`);
  if (alerts.length > 0) lines.push(`alerts: ${list(alerts)}`);
  return `${lines.join('\n  ')}\n`;
}

/** Rows that fit on a screen, and words that fit in one of its lines. */
const SHORT = 40;

function list(words: readonly string[]): string {
  const more = words.length - SHORT;
  return words.slice(0, SHORT).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function nameOf({ chargeId, reason }: CaseResult['quarantined'][number]): string {
  return `${chargeId ?? '?'} (${reason})`;
}

function cellsOf({ chargeId, outcome, waitsFor, refundedMinor, original }: ChargeResult): readonly string[] {
  const refunded = refundedMinor === 0 ? '' : String(refundedMinor);
  return [chargeId, outcome, waitsFor.join(', '), refunded, original ?? ''];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADINGS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
