import { createDigests } from '../adapters/crypto/digests.ts';
import { notionOf } from '../adapters/dynamodb/detector-definitions.ts';
import { createMigrationReader } from '../adapters/dynamodb/migration-reader.ts';
import { createMigrationWriter } from '../adapters/dynamodb/migration-writer.ts';
import { createRecordStore } from '../adapters/dynamodb/record-store.ts';
import { createReservationWriter } from '../adapters/dynamodb/reservation-writer.ts';
import { createVersion1Windows } from '../adapters/dynamodb/version-1-windows.ts';
import { createWindowStore } from '../adapters/dynamodb/window-store.ts';
import { readFingerprintKey } from '../adapters/secrets/fingerprint-key.ts';
import { systemRuntime } from '../adapters/system-runtime.ts';
import type { MigrateContext } from '../core/refunds/migrate.ts';
import type { MigrationReader, MigrationWriter } from '../core/refunds/migration.ts';
import { UserError } from '../core/user-error.ts';
import { findDeployment } from './stack.ts';
import { readDeployedConfiguration } from './stage-configuration.ts';

export interface MigrationRun extends MigrateContext {
  readonly migrations: MigrationReader & MigrationWriter;
}

/**
 * Opens the tables of a stage for its migration. The digests of window entries need the fingerprint key, as `detect` has it.
 *
 * @param table a table of version-1 windows in the place of the stack's own, such as a restored one
 */
export async function openMigration(stage: string, table: string | undefined): Promise<MigrationRun> {
  const { aws, outputs } = await findDeployment(stage);
  const version1Table = table ?? outputs.WindowsTableName;
  if (version1Table === undefined) {
    throw new UserError(`The stage ${stage} has no table of version-1 windows. Name one with --table.`);
  }
  const client = aws.dynamo;
  const charges = { client, table: outputs.ChargesTableName, ...systemRuntime };
  const controls = { client, table: outputs.ControlsTableName };
  const key = await readFingerprintKey(aws.secretsManager, outputs.FingerprintSecretArn);
  return {
    ...systemRuntime,
    configuration: readDeployedConfiguration(stage, outputs),
    digests: createDigests(key),
    notionOf,
    version1: createVersion1Windows({ client, table: version1Table }),
    records: createRecordStore(charges),
    windows: createWindowStore(charges),
    reservations: createReservationWriter({ client, table: outputs.ReservationsTableName }),
    migrations: { ...createMigrationReader(controls), ...createMigrationWriter(controls) },
  };
}
