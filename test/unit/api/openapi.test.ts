import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openApi } from '../../../functions/api/openapi.ts';
import { ROUTES } from '../../../functions/api/operations.ts';
import { routes } from '../../../functions/api/routes.ts';
import { printed } from '../../fixtures/printed.ts';

const DOCUMENT = join(import.meta.dirname, '..', '..', '..', 'docs', 'openapi.json');
const description = openApi(routes);

describe('the API’s description', () => {
  // After a change: `npx vitest run --project unit test/unit/api -u`.
  it('is the one in the documentation', async () => {
    await expect(printed(description)).toMatchFileSnapshot(DOCUMENT);
  });

  it('has a handler for each operation, and no other', () => {
    expect(Object.keys(routes).sort()).toEqual(Object.keys(ROUTES).sort());
  });

  it('names every schema that it refers to', () => {
    const refs = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id);
    expect(refs).not.toEqual([]);
    expect(Object.keys(description.components.schemas)).toEqual(expect.arrayContaining(refs));
  });

  it.each(Object.entries(ROUTES))('takes the parameters in the path of %s', (operation, { path }) => {
    const named = Object.keys(routes[operation as keyof typeof routes].path.shape);
    expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  });
});
