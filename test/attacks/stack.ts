import { setTimeout as wait } from 'node:timers/promises';
import { type AttributeValue, DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createApproverSums } from '../../adapters/dynamodb/approver-sums.ts';
import { createBudgets } from '../../adapters/dynamodb/budgets.ts';
import { itemsOf } from '../../adapters/dynamodb/case-items.ts';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { putOf } from '../../adapters/dynamodb/charge-items.ts';
import { createClaimStore } from '../../adapters/dynamodb/claim-store.ts';
import { encodeRecord } from '../../adapters/dynamodb/record-item.ts';
import { createRecordStore } from '../../adapters/dynamodb/record-store.ts';
import { encodeReservation } from '../../adapters/dynamodb/reservation-item.ts';
import { createReservationReader } from '../../adapters/dynamodb/reservation-reader.ts';
import { encodeWindow } from '../../adapters/dynamodb/window-item.ts';
import { createWindowStore } from '../../adapters/dynamodb/window-store.ts';
import { createMemoryApprovalMacs } from '../../adapters/memory/approval-macs.ts';
import type { FlagId } from '../../core/brands.ts';
import { withChanges } from '../../core/cases/case.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import { assess } from '../../core/refunds/assess.ts';
import { claim } from '../../core/refunds/claim.ts';
import type { Reservation } from '../../core/refunds/claim-store.ts';
import { hold } from '../../core/refunds/hold.ts';
import { record } from '../../core/refunds/record.ts';
import { reverse } from '../../core/refunds/reverse.ts';
import { arrival } from '../fixtures/charges.ts';
import { digests } from '../fixtures/configurations.ts';
import { judgeAndRaise } from '../fixtures/contexts.ts';
import type { DynamoDbLocal } from '../fixtures/dynamodb-local.ts';
import { refundWorld } from '../fixtures/refund-world.ts';
import { createTable } from '../fixtures/tables.ts';

/** A workflow that has not ended after this many turns goes in circles. */
const TURNS_MAX = 5;

/**
 * Detection and refunds over AWS's own DynamoDB, with a processor that refunds what it is asked to. An attacker puts
 * items as a role that may write the table could: whole, without a condition.
 */
export async function createStack({ client }: Pick<DynamoDbLocal, 'client'>, configuration: Configuration) {
  const tables = {
    charges: await createTable(client, 'charges'),
    reservations: await createTable(client, 'reservations'),
    cases: await createTable(client, 'cases'),
    controls: await createTable(client, 'controls'),
  };
  const forged: { readonly flagId: FlagId; readonly count: number }[] = [];
  const runtime = { random: () => 0.5, sleep: (ms: number) => wait(ms) };
  const charges = { client, table: tables.charges, ...runtime };
  const base = refundWorld(configuration);
  const world = {
    ...base,
    records: createRecordStore(charges),
    windows: createWindowStore(charges),
    claims: createClaimStore({
      client,
      charges: tables.charges,
      reservations: tables.reservations,
      reservationDays: 400,
    }),
    reservations: createReservationReader({ client, table: tables.reservations }),
    cases: createCaseStore({ client, table: tables.cases }),
    budgets: createBudgets({ client, table: tables.controls, ...runtime }),
    approverSums: createApproverSums({ client, table: tables.controls, ...runtime }),
    approvalMacs: createMemoryApprovalMacs((note) => forged.push(note)),
  };
  const put = async (TableName: string, Item: Record<string, AttributeValue> | undefined) => {
    await client.send(new PutItemCommand({ TableName, Item }));
  };
  let tokens = 0;

  async function readFlag(id: FlagId): Promise<Flag> {
    const [flag] = await world.cases.readFlags([id]);
    if (flag === undefined) throw new Error(`there is no flag ${id}`);
    return flag;
  }

  /** The workflow of the flag's attempt, with what wakes it, until it waits or ends. */
  async function work(id: FlagId): Promise<Flag> {
    const { attempt } = await readFlag(id);
    const same = { flagId: id, attempt };
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const assessed = await assess(same, world);
      const claimed = assessed.next === 'claim' ? await claim(same, world) : assessed;
      if (claimed.next === 'reverse') {
        const reversed = await reverse(same, world);
        if (reversed.next === 'record') await record(reversed, world);
        return readFlag(id);
      }
      if (claimed.next !== 'hold') return readFlag(id);
      let isWoken = false;
      const wake = async () => {
        isWoken = true;
        return 'woken' as const;
      };
      await hold({ ...claimed, token: `token ${++tokens}` }, { ...world, wake });
      if (!isWoken) return readFlag(id);
    }
    throw new Error(`the workflow of flag ${id} goes in circles`);
  }

  return {
    ...world,
    tables,
    /** Every item of every table, as text: attribute names and values. */
    everything: async () => {
      const scans = Object.values(tables).map((TableName) => client.send(new ScanCommand({ TableName })));
      return JSON.stringify((await Promise.all(scans)).map(({ Items }) => Items));
    },
    /** What operators were notified of. */
    forged,
    work,
    readFlag,
    readRecord: async (id: FlagId): Promise<ChargeRecord> => {
      const [found] = await world.records.readRecords([id], world.nowMs());
      if (found?.record === undefined) throw new Error(`there is no record ${id}`);
      return found.record;
    },
    deliver: async (...events: readonly PaymentEvent[]) => {
      for (const event of events) await judgeAndRaise([arrival(event, world.nowMs())], world);
    },
    /** What a role that may write Cases can do. */
    putFlag: async (flag: Flag) => {
      const act = { actor: 'system:detect', atMs: world.nowMs(), reason: 'a forgery' };
      const known = await world.cases.readCase(flag.caseId);
      const change = withChanges(known, [{ before: undefined, after: flag, act }], digests);
      for (const item of itemsOf(change)) await put(tables.cases, marshall(item, { removeUndefinedValues: true }));
    },
    /** What a role that may write Charges can do. */
    putRecord: (forgery: ChargeRecord) => put(tables.charges, putOf(encodeRecord(forgery), 0, tables.charges).Item),
    putWindow: (forgery: ChargeWindow) => put(tables.charges, putOf(encodeWindow(forgery), 0, tables.charges).Item),
    /** What a role that may write Reservations can do: `claim` alone. */
    putReservation: (forgery: Reservation) => put(tables.reservations, encodeReservation(forgery)),
    /** Restores the charges to a time before anything was known. */
    forgetCharges: async () => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName: tables.charges }));
      for (const { pk } of Items) {
        if (pk !== undefined) await client.send(new DeleteItemCommand({ TableName: tables.charges, Key: { pk } }));
      }
    },
  };
}
