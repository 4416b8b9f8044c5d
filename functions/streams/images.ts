import type { DynamoDBRecord } from 'aws-lambda';
import { caseCodec, flagCodec } from '../../adapters/dynamodb/case-codecs.ts';
import { decodeJob } from '../../adapters/dynamodb/job-item.ts';
import { decodeBody, type Item } from '../../adapters/dynamodb/stored-item.ts';
import type { Case } from '../../core/cases/case.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { Job } from '../../core/jobs/job.ts';

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];

/**
 * Reads the flag in an image of the Cases table's stream; undefined without an image.
 *
 * @throws {Fault} `unreadable-item` when the image does not match its schema
 */
export function flagIn(image: Image): Flag | undefined {
  return isItem(image) ? decodeBody(flagCodec, image) : undefined;
}

/** Reads the case in an image of the Cases table's stream, as `flagIn` does. */
export function caseIn(image: Image): Case | undefined {
  return isItem(image) ? decodeBody(caseCodec, image) : undefined;
}

/** Reads the job in an image of the Jobs table's stream, as `flagIn` does. */
export function jobIn(image: Image): Job | undefined {
  return isItem(image) ? decodeJob(image) : undefined;
}

/** The event's types and the client's differ in name only. */
function isItem(image: object | undefined): image is Item {
  return image !== undefined;
}
