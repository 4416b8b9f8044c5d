import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';

/** The domain's object in an image of the Cases table's stream; only the case store writes such items. */
export function bodyOf<Item>(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']): Item | undefined {
  const body = image?.body?.M;
  // The event's types and the client's differ in name only.
  return body === undefined ? undefined : (unmarshall(body as Record<string, AttributeValue>) as Item);
}
