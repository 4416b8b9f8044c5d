import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { pages } from '../../core/pages.ts';

type Key = Record<string, AttributeValue>;

/** Reads the pages of a query or scan, each from the last key of the page before it. */
export async function* tablePages<Output extends { readonly LastEvaluatedKey?: Key | undefined }>(
  read: (ExclusiveStartKey: Key | undefined) => Promise<Output>,
): AsyncGenerator<Output> {
  const found = pages<{ readonly page: Output; readonly cursor: Key | undefined }, Key>(async ({ cursor }) => {
    const page = await read(cursor);
    return { page, cursor: page.LastEvaluatedKey };
  });
  for await (const { page } of found) yield page;
}
