import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { ChargeRef } from '../../core/events/payment-event.ts';
import { Fault } from '../../core/fault.ts';
import type { RefundGateway, UndoOutcome, UndoRequest } from '../../core/refunds/refund-gateway.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { isLostRace } from '../dynamodb/faults.ts';
import { type Answer, answerOf, type BookedCharge, type BookedRefund, type Books } from './sandbox-books.ts';

/** The key under which the sandbox processor books a charge. */
export function sandboxChargeKey({ source, chargeId }: ChargeRef): string {
  return `charge#${source}#${chargeId}`;
}

/** The item whose `behaviour` holds for every charge that has none of its own. */
export const SANDBOX_BEHAVIOUR_KEY = 'behaviour';

/** The refund is still as it was read: never asked for, or with as many pending answers left. */
const REFUND_AS_READ = 'attribute_not_exists(pk) OR (#state = :pending AND asksLeft = :asksLeft)';
const CHARGE_AS_READ = '#state = :state AND refundedMinor = :refunded';
/** Two refunds of one charge at once are rare; many under one key are not made. */
const CONTENTION = { triesMax: 8, baseMs: 20, capMs: 500 };

export interface SandboxProps {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly random: Random;
  readonly sleep: Sleep;
}

/**
 * A processor of our own on DynamoDB, for local runs and tests: real books, no mock. What it answers is booked under the
 * idempotency key together with what it does to the charge, in one transaction on condition that both are as they were
 * read. So asking twice, at once or after a crash, meets the first answer and returns money once.
 */
export function createSandboxGateway({ client, table, random, sleep }: SandboxProps): RefundGateway {
  async function get(pk: string): Promise<Record<string, AttributeValue> | undefined> {
    const command = new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true });
    return (await client.send(command)).Item;
  }

  async function read(request: UndoRequest): Promise<Books> {
    const [refund, charge, fallback] = await Promise.all([
      get(refundKey(request)),
      get(sandboxChargeKey(request.charge)),
      get(SANDBOX_BEHAVIOUR_KEY),
    ]);
    return {
      refund: refund && toRefund(refund),
      charge: charge && toCharge(charge),
      behaviour: fallback?.behaviour?.S,
    };
  }

  async function book(answer: Answer, books: Books, request: UndoRequest): Promise<'booked' | 'changed'> {
    if (answer.refund === undefined) return 'booked';
    const members: TransactWriteItem[] = [{ Put: { TableName: table, ...putOf(answer.refund, books, request) } }];
    if (answer.charge !== undefined && books.charge !== undefined) {
      const Key = { pk: { S: sandboxChargeKey(request.charge) } };
      members.push({ Update: { TableName: table, Key, ...changeOf(answer.charge, books.charge) } });
    }
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: members }));
      return 'booked';
    } catch (error) {
      if (error instanceof TransactionCanceledException && isLostRace(error)) return 'changed';
      throw error;
    }
  }

  return {
    async undo(request): Promise<UndoOutcome> {
      try {
        for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
          const books = await read(request);
          const answer = answerOf(books, request);
          if ((await book(answer, books, request)) === 'booked') return answer.outcome;
          await sleep(backoffMs(lost, CONTENTION, random));
        }
        return { kind: 'unknown', why: 'the sandbox was busy' };
      } catch (error) {
        return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function refundKey({ idempotencyKey }: UndoRequest): string {
  return `refund#${idempotencyKey}`;
}

function putOf(refund: BookedRefund, { refund: before }: Books, request: UndoRequest) {
  const Item = {
    pk: { S: refundKey(request) },
    reference: { S: request.reference },
    charge: { S: sandboxChargeKey(request.charge) },
    refundMinor: { N: String(request.refundMinor) },
    currency: { S: request.charge.currency },
    state: { S: refund.state },
    ...(refund.state === 'pending' && { asksLeft: { N: String(refund.asksLeft) } }),
    ...(refund.state === 'failed' && { why: { S: refund.why } }),
  };
  return {
    Item,
    ConditionExpression: REFUND_AS_READ,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ':pending': { S: 'pending' },
      // Of a refund that was never asked for, the first half of the condition alone can hold.
      ':asksLeft': { N: String(before?.state === 'pending' ? before.asksLeft : -1) },
    },
  };
}

function changeOf(after: NonNullable<Answer['charge']>, before: BookedCharge) {
  return {
    UpdateExpression: 'SET #state = :after, refundedMinor = :refundedAfter',
    ConditionExpression: CHARGE_AS_READ,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ':state': { S: before.state },
      ':refunded': { N: String(before.refundedMinor) },
      ':after': { S: after.state },
      ':refundedAfter': { N: String(after.refundedMinor) },
    },
  };
}

function toRefund(item: Record<string, AttributeValue>): BookedRefund {
  const state = item.state?.S;
  switch (state) {
    case 'pending':
      return { state, asksLeft: Number(item.asksLeft?.N ?? 0) };
    case 'failed':
      return { state, why: item.why?.S ?? 'refused' };
    case 'refunded':
    case 'undone':
      return { state };
    default:
      throw new Fault('unreadable-item', `the sandbox's books hold a refund in state "${state}"`);
  }
}

function toCharge(item: Record<string, AttributeValue>): BookedCharge {
  const state = item.state?.S;
  if (state !== 'authorized' && state !== 'captured' && state !== 'voided' && state !== 'disputed') {
    throw new Fault('unreadable-item', `the sandbox's books hold a charge in state "${state}"`);
  }
  const amountMinor = Number(item.amountMinor?.N);
  const refundedMinor = Number(item.refundedMinor?.N);
  if (!Number.isSafeInteger(amountMinor) || !Number.isSafeInteger(refundedMinor)) {
    throw new Fault('unreadable-item', 'the sandbox\'s books hold a charge without "amountMinor" or "refundedMinor"');
  }
  return {
    state,
    currency: item.currency?.S ?? '',
    amountMinor,
    refundedMinor,
    behaviour: item.behaviour?.S,
  };
}
