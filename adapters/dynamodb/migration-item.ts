import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { msSchema } from '../../core/brands.ts';
import type { Migration } from '../../core/refunds/migration.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { decodeBody, type Item } from './stored-item.ts';

const count = z.int().nonnegative();

export const migrationCodec = versionedCodec(
  'migration mark',
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['required', 'not-needed']), atMs: msSchema }),
    z.strictObject({
      kind: z.literal('done'),
      atMs: msSchema,
      by: z.string(),
      windows: count,
      charges: count,
      claims: count,
      unreadable: count,
    }),
  ]),
);

export const MIGRATION_KEY = { pk: { S: 'migration' } };

export function encodeMigration(migration: Migration): Item {
  return { ...MIGRATION_KEY, ...marshall({ kind: migration.kind, body: migrationCodec.encode(migration) }) };
}

export function decodeMigration(item: Item): Migration {
  return decodeBody(migrationCodec, item);
}
