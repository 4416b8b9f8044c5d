import { useState } from 'react';
import { CASE_COLUMNS, type CaseColumn, USUAL_COLUMNS } from './column-names.ts';

export const PAGE_SIZES = [20, 50, 100] as const;

export interface TablePreferences {
  /** In the order in which they are shown. */
  readonly columns: readonly CaseColumn[];
  readonly pageSize: number;
  readonly wraps: boolean;
}

/** What the component tells when the reader has confirmed a choice. */
export interface Confirmed {
  readonly pageSize?: number;
  readonly wrapLines?: boolean;
  readonly contentDisplay?: readonly { readonly id: string; readonly visible: boolean }[];
}

const STORED_AS = 'onecharge.cases-table';
const USUAL: TablePreferences = { columns: USUAL_COLUMNS, pageSize: PAGE_SIZES[0], wraps: false };

/** How the reader wants the table, kept in this browser. */
export function useTablePreferences(): readonly [TablePreferences, (confirmed: Confirmed) => void] {
  const [preferences, setPreferences] = useState(() => parseTablePreferences(localStorage.getItem(STORED_AS)));
  const confirm = ({ pageSize, wrapLines, contentDisplay }: Confirmed) => {
    const columns = contentDisplay?.filter(({ visible }) => visible).map(({ id }) => id);
    const next = JSON.stringify({ columns, pageSize, wraps: wrapLines });
    localStorage.setItem(STORED_AS, next);
    setPreferences(parseTablePreferences(next));
  };
  return [preferences, confirm];
}

/** What is stored, as far as this version of the console knows it. */
export function parseTablePreferences(text: string | null): TablePreferences {
  const stored = parsed(text);
  const names: readonly unknown[] = Array.isArray(stored.columns) ? stored.columns : [];
  const columns = names.flatMap((name) => CASE_COLUMNS.find((column) => column === name) ?? []);
  return {
    columns: columns.length > 0 ? columns : USUAL.columns,
    pageSize: PAGE_SIZES.find((size) => size === stored.pageSize) ?? USUAL.pageSize,
    wraps: stored.wraps === true,
  };
}

function parsed(text: string | null): Partial<Record<keyof TablePreferences, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
