import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { endingsOf } from '../../core/alerts/endings.ts';
import { createFollower } from '../../core/alerts/follow.ts';
import { type News, tell } from '../../core/alerts/tell.ts';
import type { Case } from '../../core/cases/case.ts';
import type { Flag } from '../../core/cases/flag.ts';
import { eachRecord } from '../cases/each-record.ts';
import { bodyOf } from '../cases/stream-image.ts';
import { countOf, observed } from '../observed.ts';
import { alertContext } from './alert-context.ts';

const follow = createFollower(alertContext);

/** Says what happened to cases, once each, or folds it into an incident; delivered again it says nothing new. */
export const handler = observed(async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const news = event.Records.flatMap(newsIn);
  const live = await follow(news);
  for (const [detector, endings] of endingsOf(news)) countOf(detector, endings);
  return eachRecord(event.Records, async (record) => {
    for (const one of newsIn(record)) await tell(one, live, alertContext);
  });
});

function newsIn({ dynamodb }: DynamoDBRecord): readonly News[] {
  switch (dynamodb?.NewImage?.kind?.S) {
    case 'case': {
      const after = bodyOf<Case>(dynamodb.NewImage);
      return after === undefined ? [] : [{ kind: 'case', before: bodyOf<Case>(dynamodb.OldImage), after }];
    }
    case 'flag': {
      const after = bodyOf<Flag>(dynamodb.NewImage);
      return after === undefined ? [] : [{ kind: 'flag', before: bodyOf<Flag>(dynamodb.OldImage), after }];
    }
    default:
      return [];
  }
}
