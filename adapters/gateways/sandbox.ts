import {
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Lookup, RefundGateway, ReversalOutcome, ReversalRequest } from '../../core/refunds/refund-gateway.ts';
import { backoffMs, type Random, type Sleep } from '../../core/retry.ts';
import { isLostRace } from '../dynamodb/faults.ts';
import type { Item } from '../dynamodb/stored-item.ts';
import { type Answer, answerOf, type BookedCharge, type BookedRefund, type Books, lookupOf } from './sandbox-books.ts';
import {
  decodeBehaviour,
  decodeBookedCharge,
  decodeBookedRefund,
  encodeBookedRefund,
  refundKey,
  SANDBOX_BEHAVIOUR_KEY,
  sandboxChargeKey,
} from './sandbox-items.ts';

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
  async function get(pk: string): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true });
    return (await client.send(command)).Item;
  }

  async function read(request: ReversalRequest): Promise<Books> {
    const [refund, charge, fallback] = await Promise.all([
      get(refundKey(request)),
      get(sandboxChargeKey(request.charge)),
      get(SANDBOX_BEHAVIOUR_KEY),
    ]);
    return {
      refund: refund && decodeBookedRefund(refund),
      charge: charge && decodeBookedCharge(charge),
      behaviour: fallback && decodeBehaviour(fallback),
    };
  }

  async function book(answer: Answer, books: Books, request: ReversalRequest): Promise<'booked' | 'changed'> {
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
    async reverse(request): Promise<ReversalOutcome> {
      try {
        for (let lost = 0; lost < CONTENTION.triesMax; lost++) {
          const books = await read(request);
          const answer = answerOf(books, request);
          if ((await book(answer, books, request)) === 'booked') return answer.outcome;
          await sleep(backoffMs(lost, CONTENTION, random));
        }
        return { kind: 'unknown', reason: 'the sandbox was busy' };
      } catch (error) {
        return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
      }
    },

    async lookup(charge): Promise<Lookup> {
      const key = sandboxChargeKey(charge);
      try {
        const item = await get(key);
        return lookupOf(item && decodeBookedCharge(item), key);
      } catch (error) {
        return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function putOf(refund: BookedRefund, { refund: before }: Books, request: ReversalRequest) {
  return {
    Item: encodeBookedRefund(refund, request),
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
