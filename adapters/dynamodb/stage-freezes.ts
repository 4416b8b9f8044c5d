import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Ms } from '../../core/brands.ts';
import type { FreezeStore } from '../../core/refunds/freeze.ts';
import { frozenUntilMigrated, thawedWhenMigrated } from '../../core/refunds/migration.ts';
import type { Random, Sleep } from '../../core/retry.ts';
import { createFreezeStore } from './freeze-store.ts';
import { createMigrationReader } from './migration-reader.ts';
import { NO_VERSION_1 } from './table-layouts.ts';

interface StageFreezes {
  readonly client: DynamoDBClient;
  /** The Controls table. */
  readonly table: string;
  readonly version1Windows: string;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly nowMs: () => Ms;
}

/**
 * Reads the freeze orders of a stage. Where version 1 may have left windows, all refunds are frozen until they are
 * migrated.
 */
export function createStageFreezes({
  version1Windows,
  ...controls
}: StageFreezes): Pick<FreezeStore, 'newestOrders' | 'isFrozen' | 'isMigrating'> {
  const freezes = createFreezeStore(controls);
  return version1Windows === NO_VERSION_1 ? freezes : frozenUntilMigrated(freezes, gateOf(controls));
}

/** Reads the freeze orders of a stage, and issues those of its operators. */
export function createStageFreezeOrders({ version1Windows, ...controls }: StageFreezes): FreezeStore {
  const freezes = createFreezeStore(controls);
  return version1Windows === NO_VERSION_1 ? freezes : thawedWhenMigrated(freezes, gateOf(controls));
}

function gateOf(controls: Pick<StageFreezes, 'client' | 'table' | 'nowMs'>) {
  return { migrations: createMigrationReader(controls), nowMs: controls.nowMs };
}
