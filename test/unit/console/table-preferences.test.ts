import { expect, it } from 'vitest';
import { USUAL_COLUMNS } from '../../../console/pages/cases/column-names.ts';
import { parseTablePreferences } from '../../../console/pages/cases/table-preferences.ts';

const USUAL = { columns: USUAL_COLUMNS, pageSize: 20, wraps: false };

it.each([
  { stored: null, read: USUAL },
  { stored: 'not json', read: USUAL },
  { stored: '{"columns":["gone"],"pageSize":7}', read: USUAL },
  {
    stored: '{"columns":["merchant","gone","case"],"pageSize":50,"wraps":true}',
    read: { columns: ['merchant', 'case'], pageSize: 50, wraps: true },
  },
])('what is stored as $stored is read as far as it is known', ({ stored, read }) => {
  expect(parseTablePreferences(stored)).toEqual(read);
});
