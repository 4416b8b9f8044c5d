import { GetItemCommand, PutItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import type { Message } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { createDigests } from '../../adapters/crypto/digests.ts';
import { encodeBookedCharge, sandboxChargeKey, sandboxMovement } from '../../adapters/gateways/sandbox-items.ts';
import { FLAG_STATUSES, type FlagStatus, REASONS_TO_WAIT } from '../../core/cases/flag.ts';
import { flagIdOf } from '../../core/detection/fingerprint.ts';
import type { Charge } from '../../core/events/payment-event.ts';
import { signEvent } from '../../core/events/sign-event.ts';
import { eventually } from './eventually.ts';
import { type Received, receiveFrom, subscribe } from './queues.ts';
import { type Stack, startStack } from './stack.ts';
import { captured, type Wire } from './story.ts';

const ref = z.object({ source: z.string(), chargeId: z.string() });
const flagSchema = z.object({
  id: z.string(),
  caseId: z.string(),
  version: z.number(),
  status: z.enum(FLAG_STATUSES),
  attempt: z.number(),
  charge: ref,
  original: ref,
  detector: z.string(),
  wait: z.object({ waitsFor: z.array(z.enum(REASONS_TO_WAIT)) }).optional(),
  denial: z.string().optional(),
  failure: z.string().optional(),
  refundMinor: z.number().optional(),
});
export type ObservedFlag = z.infer<typeof flagSchema>;

/** The deployed product with what a test does to it and sees of it. */
export interface Deployed {
  readonly stack: Stack;
  /** What subscribers of the alerts topic have got. */
  readonly alerts: Received;
  /** What the quarantine's queue has held. */
  readonly quarantined: Received;
  /** The processor captures the charges and says nothing of it. */
  book(...charges: readonly Charge[]): Promise<void>;
  /** The processor sends the events of charges that it has booked, all at once. */
  announce(...charges: readonly Charge[]): Promise<void>;
  /** The processor captures the charges and tells of them, all at once. */
  capture(...charges: readonly Charge[]): Promise<void>;
  /** How the sandbox processor will answer when it is asked to give a charge back. */
  instruct(charge: Charge, behaviour: string): Promise<void>;
  /** Puts events with their signatures, or any bytes as they are, on the stream: in this order within a partition key. */
  put(records: readonly (Wire | Uint8Array)[], partitionKey: string): Promise<void>;
  flagOf(charge: Charge): Promise<ObservedFlag | undefined>;
  untilFlag(charge: Charge, status: FlagStatus): Promise<ObservedFlag>;
  /** What the processor's books say was given back of a charge, refund by refund. Throws when they do not add up. */
  refundsOf(charge: Charge): Promise<readonly number[]>;
  end(): Promise<void>;
}

// Ids come from content alone: the key plays no part in them.
export const digests = createDigests({ version: '1', key: 'of no matter here' });

export function idOf(charge: Charge): string {
  return flagIdOf(charge, digests);
}

export async function startDeployed(): Promise<Deployed> {
  return deployedOn(await startStack());
}

export async function deployedOn(stack: Stack): Promise<Deployed> {
  const { aws, outputs } = stack;
  const alerts = await subscribe(aws, outputs.AlertsTopicArn);
  const flagOf = (charge: Charge) => readFlag(stack, charge);
  const bookAll = async (...charges: readonly Charge[]) => {
    await Promise.all(charges.map((charge) => book(stack, charge)));
  };
  const announce = (...charges: readonly Charge[]) =>
    putRecords(
      stack,
      charges.map((charge) => [captured(charge), charge.payer ?? charge.chargeId]),
    );
  return {
    stack,
    alerts,
    quarantined: receiveFrom(aws, outputs.QuarantineQueueUrl),
    book: bookAll,
    announce,
    capture: async (...charges) => {
      await bookAll(...charges);
      await announce(...charges);
    },
    instruct: async (charge, behaviour) => {
      await aws.dynamo.send(
        new UpdateItemCommand({
          TableName: outputs.SandboxTableName,
          Key: { pk: { S: sandboxChargeKey(charge) } },
          UpdateExpression: 'SET behaviour = :behaviour',
          ExpressionAttributeValues: { ':behaviour': { S: behaviour } },
        }),
      );
    },
    put: (records, partitionKey) =>
      putRecords(
        stack,
        records.map((record) => [record, partitionKey]),
      ),
    flagOf,
    untilFlag: async (charge, status) => {
      let observed: ObservedFlag | undefined;
      const read = async () => {
        observed = await flagOf(charge);
        return observed?.status === status ? observed : undefined;
      };
      return eventually(`flag of ${charge.chargeId} is ${status}`, read).catch((error: Error) => {
        throw new Error(`${error.message}; it is ${JSON.stringify(observed)}`);
      });
    },
    refundsOf: (charge) => readRefunds(stack, charge),
    end: async () => {
      await alerts.close().finally(stack.end);
    },
  };
}

/** A message that is JSON, as the schema wants it. */
export function bodyOf<Schema extends z.ZodType>(schema: Schema, { Body = '' }: Message): z.output<Schema> {
  return schema.parse(JSON.parse(Body));
}

/** The processor knows the charge from then on. */
async function book({ aws, outputs }: Stack, charge: Charge): Promise<void> {
  const { amountMinor, currency, merchant, order, payer } = charge;
  const known = { movement: sandboxMovement(charge), merchant, order, payer };
  const item = encodeBookedCharge(charge, { amountMinor, currency, refundedMinor: 0, state: 'captured', ...known });
  const Item = marshall(item, { removeUndefinedValues: true });
  await aws.dynamo.send(new PutItemCommand({ TableName: outputs.SandboxTableName, Item }));
}

async function putRecords(
  { aws, outputs, signerOf }: Stack,
  records: readonly (readonly [Wire | Uint8Array, partitionKey: string])[],
): Promise<void> {
  const Records = records.map(([record, PartitionKey]) => ({
    Data: record instanceof Uint8Array ? record : signEvent(Buffer.from(JSON.stringify(record)), signerOf),
    PartitionKey,
  }));
  const answer = await aws.kinesis.send(new PutRecordsCommand({ StreamName: outputs.EventsStreamName, Records }));
  if (answer.FailedRecordCount) throw new Error(`the stream refused ${answer.FailedRecordCount} records`);
}

async function readFlag({ aws, outputs }: Stack, charge: Charge): Promise<ObservedFlag | undefined> {
  const { Item } = await aws.dynamo.send(
    new GetItemCommand({
      TableName: outputs.CasesTableName,
      Key: { pk: { S: `flag#${idOf(charge)}` }, sk: { S: 'flag' } },
      ConsistentRead: true,
    }),
  );
  return Item && flagSchema.parse(unmarshall(Item).body);
}

async function readRefunds({ aws, outputs }: Stack, charge: Charge): Promise<readonly number[]> {
  const { Items = [] } = await aws.dynamo.send(
    new ScanCommand({
      TableName: outputs.SandboxTableName,
      ConsistentRead: true,
      FilterExpression: 'begins_with(pk, :refund) OR pk = :charge',
      ExpressionAttributeValues: {
        ':refund': { S: `refund#${idOf(charge)}-` },
        ':charge': { S: sandboxChargeKey(charge) },
      },
    }),
  );
  const items = Items.map((item) => unmarshall(item));
  const refunds = items
    .filter(({ pk, state }) => pk !== sandboxChargeKey(charge) && state === 'refunded')
    .map(({ refundMinor }) => Number(refundMinor));
  const total = items.find(({ pk }) => pk === sandboxChargeKey(charge))?.refundedMinor;
  const sum = refunds.reduce((so, minor) => so + minor, 0);
  if (total !== sum) throw new Error(`the books of ${charge.chargeId} say ${total}, its refunds add up to ${sum}`);
  return refunds;
}
