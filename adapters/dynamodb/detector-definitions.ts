import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Ms, msSchema } from '../../core/brands.ts';
import type { Detector } from '../../core/detection/detector.ts';
import type { DetectorsSince } from '../../core/detection/new-detectors.ts';
import { versionOf } from '../../core/detection/normalise.ts';
import { Fault } from '../../core/fault.ts';
import { versionedCodec } from '../../core/versioned.ts';
import { getItems } from './get-items.ts';
import { decodeItem, type Item, textOf } from './stored-item.ts';

/** Key, spellings and `same` of a detector as one text, and when its id was first used: absent is from the start. */
export const definitionCodec = versionedCodec(
  'detector definition',
  z.object({ notion: z.string(), sinceMs: msSchema.optional() }),
);
/** The detectors of a stage's first configuration. */
export const firstDetectorsCodec = versionedCodec('list of first detectors', z.object({ ids: z.array(z.string()) }));

const FIRST_PK = 'detectors';
const pkOf = (id: string) => `detector#${id}`;

export function decodeDefinition(item: Item): string {
  return decodeItem(definitionCodec, item).notion;
}

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/**
 * Compares each detector's key, spellings and `same` with those its id was first used with, and remembers new ids and
 * since when they are used. The same id with another notion would mix two memories: that is refused before the first
 * event is judged.
 */
export async function checkDefinitions(
  detectors: readonly Detector[],
  { nowMs, ...table }: Table & { readonly nowMs: () => Ms },
): Promise<void> {
  const first = await putOnce(FIRST_PK, firstDetectorsCodec.encode({ ids: detectors.map(({ id }) => id) }), table);
  const firstIds = first && decodeItem(firstDetectorsCodec, first).ids;
  for (const detector of detectors) {
    const { id } = detector;
    const notion = notionOf(detector);
    const isAdded = firstIds !== undefined && !firstIds.includes(id);
    const definition = definitionCodec.encode({ notion, ...(isAdded && { sinceMs: nowMs() }) });
    const known = await putOnce(pkOf(id), definition, table);
    if (known === undefined || decodeDefinition(known) === notion) continue;
    throw new Fault(
      'setting-unusable',
      `detector "${id}" was first used with ${decodeDefinition(known)}, now it has ${notion}: give it a new id`,
    );
  }
}

/** Returns a function that reads since when detectors are used, and reads again until it knows all of them. */
export function createDetectorsSince(
  detectors: readonly Pick<Detector, 'id'>[],
  table: Table,
): () => Promise<DetectorsSince> {
  let known: DetectorsSince = new Map();
  return async () => {
    if (known.size === detectors.length) return known;
    const items = await getItems(
      table,
      detectors.map(({ id }) => ({ pk: { S: pkOf(id) } })),
    );
    known = new Map(
      items.map((item) => [textOf(item, 'pk').slice(pkOf('').length), decodeItem(definitionCodec, item).sinceMs ?? 0]),
    );
    return known;
  };
}

/** Puts an item that is not there yet. Returns the one that is. */
async function putOnce(pk: string, members: object, { client, table }: Table): Promise<Item | undefined> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: marshall({ pk, ...members }, { removeUndefinedValues: true }),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return error.Item;
  }
}

/** What is configured in another order of names is the same notion. `near` is part of it: entries hold amounts for it. */
export function notionOf({ key, same, normalise, near }: Detector): string {
  const spellings = Object.entries(normalise).map(([field, functions]) => [field, functions.map(versionOf)] as const);
  return JSON.stringify({
    key,
    same: [...same].sort(),
    ...(spellings.length > 0 && { normalise: Object.fromEntries(spellings.sort()) }),
    ...(near && { near: true }),
  });
}
