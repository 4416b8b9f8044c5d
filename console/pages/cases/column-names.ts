import type { MessageKey } from '../../messages/catalogue.ts';

export const CASE_COLUMNS = [
  'case',
  'status',
  'merchant',
  'order',
  'charge',
  'flags',
  'held',
  'atStake',
  'refunded',
  'detectors',
  'deadline',
  'opened',
  'updated',
] as const;
export type CaseColumn = (typeof CASE_COLUMNS)[number];

/** Shown unless the reader chooses otherwise. */
export const USUAL_COLUMNS: readonly CaseColumn[] = [
  'case',
  'status',
  'merchant',
  'order',
  'flags',
  'atStake',
  'refunded',
  'opened',
];

export function columnName(column: CaseColumn): MessageKey {
  return `cases.column.${column}`;
}
