import type { Ms } from '../brands.ts';
import type { FreezeOrder, FreezeStore } from './freeze.ts';

/** What a stage knows of charge windows that version 1 left behind. */
export type Migration =
  /** The sweep has found some: `onecharge migrate` must run. */
  | { readonly kind: 'required'; readonly atMs: Ms }
  /** The sweep has found none. */
  | { readonly kind: 'not-needed'; readonly atMs: Ms }
  | {
      readonly kind: 'done';
      readonly atMs: Ms;
      readonly by: string;
      readonly windows: number;
      readonly charges: number;
      readonly claims: number;
      /** Items that could not be read, and that an operator has accepted. */
      readonly unreadable: number;
    };

export interface MigrationReader {
  /** Reads strongly consistently; undefined while nothing has looked. Rejects when the mark cannot be read. */
  readMigration(): Promise<Migration | undefined>;
}

export interface MigrationWriter {
  /** Writes the mark, atomically. `done` is final, and what was found is written once: a repetition changes nothing. */
  writeMigration(migration: Migration): Promise<void>;
}

/** Whether version 1 left windows behind. */
export interface Version1Presence {
  hasWindows(): Promise<boolean>;
}

/** Looks once whether the stage must migrate. Until it has looked, all refunds are frozen. */
export async function lookForVersion1({
  migrations,
  version1,
  nowMs,
}: {
  readonly migrations: MigrationReader & MigrationWriter;
  readonly version1: Version1Presence;
  readonly nowMs: () => Ms;
}): Promise<void> {
  if ((await migrations.readMigration()) !== undefined) return;
  const kind = (await version1.hasWindows()) ? 'required' : 'not-needed';
  await migrations.writeMigration({ kind, atMs: nowMs() });
}

const BY = 'system:migration';
const REQUIRED =
  'Version 1 left charge windows, and their claims are not in charge records yet. Run: onecharge migrate --stage STAGE --apply';
const UNKNOWN =
  'The sweep has not looked for charge windows of version 1 yet. It looks within five minutes; if it finds some, run: onecharge migrate';

interface GateContext {
  readonly migrations: MigrationReader;
  readonly nowMs: () => Ms;
}

/** Returns what answers with the freeze of the migration, while it stands. */
function gateOf({ migrations, nowMs }: GateContext): () => Promise<FreezeOrder | undefined> {
  // Never asked again: no windows of version 1 come after this.
  let isOver = false;
  return async () => {
    if (isOver) return undefined;
    const migration = await migrations.readMigration();
    isOver = migration?.kind === 'done' || migration?.kind === 'not-needed';
    if (isOver) return undefined;
    const reason = migration === undefined ? UNKNOWN : REQUIRED;
    return { frozen: true, by: BY, reason, atMs: migration?.atMs ?? nowMs() };
  };
}

/** Freezes all refunds until the windows of version 1 are migrated, beside the operators' own orders. */
export function frozenUntilMigrated(
  freezes: Pick<FreezeStore, 'newestOrders' | 'isFrozen'>,
  context: GateContext,
): Pick<FreezeStore, 'newestOrders' | 'isFrozen' | 'isMigrating'> {
  const freezeOfMigration = gateOf(context);
  return {
    async newestOrders(merchants) {
      const [ofMigration, orders] = await Promise.all([freezeOfMigration(), freezes.newestOrders(merchants)]);
      if (ofMigration === undefined) return orders;
      return [ofMigration, ...orders.filter(({ merchant }) => merchant !== undefined)];
    },
    async isFrozen(merchant) {
      return (await freezeOfMigration()) !== undefined || freezes.isFrozen(merchant);
    },
    isMigrating: async () => (await freezeOfMigration()) !== undefined,
  };
}

/** Refuses a thaw of all refunds until the windows of version 1 are migrated. Every other order is issued. */
export function thawedWhenMigrated(freezes: FreezeStore, context: GateContext): FreezeStore {
  const freezeOfMigration = gateOf(context);
  return {
    ...freezes,
    ...frozenUntilMigrated(freezes, context),
    async issue(order) {
      const isThawOfAll = !order.frozen && order.merchant === undefined;
      const standing = isThawOfAll ? await freezeOfMigration() : undefined;
      return standing === undefined ? freezes.issue(order) : { kind: 'refused', standing };
    },
  };
}
