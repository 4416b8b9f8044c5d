import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type Bundle, bundle, ROOT } from './bundle.ts';

/** In the order of the workflow. */
export const TASKS = ['assess', 'claim', 'reverse', 'record'] as const;
export type Task = (typeof TASKS)[number];

export interface Capture {
  readonly source: string;
  readonly chargeId: string;
  readonly merchant: string;
  readonly order: string;
  readonly payer: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** A checkout of Onecharge: its functions, bundled as it deploys them, over tables of its own layout. */
export interface Version {
  readonly name: string;
  readonly detect: Bundle;
  readonly tasks: { readonly [task in Task]: Bundle };
  /** Creates empty tables; returns the variables that the functions read. */
  environment(): Promise<Readonly<Record<string, string>>>;
  /** Lets the sandbox processor know the charges that it has captured. */
  book(table: string, captures: readonly Capture[]): Promise<void>;
}

/** The variables of the tables that remember charges and claims: `windows` is of version 1 and empty in version 2. */
export const CHARGE_TABLES = ['WINDOWS_TABLE', 'CHARGES_TABLE', 'RESERVATIONS_TABLE'] as const;

const configurationSchema = z.looseObject({
  sources: z.record(z.string(), z.looseObject({})),
  detectors: z.tuple([z.looseObject({})]).rest(z.unknown()),
});
/** The bench starts no workflow, and so waits out no grace; readers that lag less than it delay no refund. */
const GRACE = '10m';

/** What a checkout must have, by the paths of both versions. */
interface Modules {
  readonly tables: { readonly createTable: (client: DynamoDBClient, kind: string) => Promise<string> };
  readonly layouts: { readonly TABLES: Readonly<Record<string, unknown>> };
  readonly detection: { readonly DETECT_ENVIRONMENT: readonly string[] };
  readonly refunds: { readonly TASK_ENVIRONMENT: Readonly<Record<Task, readonly string[]>> };
  readonly sandbox: {
    readonly seedSandbox: (
      aws: { readonly dynamo: DynamoDBClient },
      table: string,
      entries: readonly { readonly charge: Capture; readonly refundedMinor: number; readonly state: 'captured' }[],
    ) => Promise<void>;
  };
}

/** Loads a version with one detector, `same-order`, that refunds automatically: the local stage's. */
export async function loadVersion(
  client: DynamoDBClient,
  { name, root = ROOT }: { readonly name: string; readonly root?: string },
): Promise<Version> {
  const local = readFileSync(join(root, 'configuration', 'local.json'), 'utf8');
  const {
    detectors: [sameOrder],
    ...rest
  } = configurationSchema.parse(JSON.parse(local));
  // Versions before signatures read unsigned events alone.
  const sources = Object.entries(rest.sources).map(([id, entry]) => [id, { ...entry, signing: 'stream' }]);
  const configuration = {
    ...rest,
    sources: Object.fromEntries(sources),
    detectors: [{ ...sameOrder, grace: GRACE }],
  };
  const { tables, layouts, detection, refunds, sandbox } = await modulesOf(root);
  const names = [...detection.DETECT_ENVIRONMENT, ...Object.values(refunds.TASK_ENVIRONMENT).flat()];
  const unused = names
    .filter((name) => name !== 'FINGERPRINT_SECRET_ARN')
    .map((name) => [name, name.endsWith('_DAYS') ? '400' : 'none'] as const);
  const task = (name: Task) => bundle(`functions/refunds/${name}.lambda.ts`, configuration, root);
  return {
    name,
    detect: await bundle('functions/detection/detect.lambda.ts', configuration, root),
    tasks: {
      assess: await task('assess'),
      claim: await task('claim'),
      reverse: await task('reverse'),
      record: await task('record'),
    },
    async environment() {
      const created = Object.keys(layouts.TABLES).map(
        async (kind) => [`${kind.toUpperCase()}_TABLE`, await tables.createTable(client, kind)] as const,
      );
      return Object.fromEntries([...unused, ...(await Promise.all(created))]);
    },
    book: (table, captures) =>
      sandbox.seedSandbox(
        { dynamo: client },
        table,
        captures.map((charge) => ({ charge, refundedMinor: 0, state: 'captured' })),
      ),
  };
}

async function modulesOf(root: string): Promise<Modules> {
  const load = (path: string) => import(pathToFileURL(join(root, path)).href);
  return {
    tables: await load('test/fixtures/tables.ts'),
    layouts: await load('adapters/dynamodb/table-layouts.ts'),
    detection: await load('functions/detection/environment.ts'),
    refunds: await load('functions/refunds/environment.ts'),
    sandbox: await load('cli/seed-sandbox.ts'),
  };
}
