import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { endingsOf } from '../../core/alerts/endings.ts';
import { createFollower } from '../../core/alerts/follow.ts';
import { type News, tell } from '../../core/alerts/tell.ts';
import { type CaseFact, factOf } from '../../core/queries/statistics.ts';
import { noteFacts } from '../../core/queries/sum-minutes.ts';
import { countOf, observed } from '../observability.ts';
import { caseIn, flagIn } from '../streams/case-image.ts';
import { eachRecord } from '../streams/each-record.ts';
import { alertContext } from './alert-context.ts';

const follow = createFollower(alertContext);

/** Says what happened to cases, once each, or folds it into an incident; delivered again it says nothing new. */
export const handler = observed(async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const news = event.Records.flatMap(newsIn);
  const live = await follow(news);
  for (const [detector, endings] of endingsOf(news)) countOf(detector, endings);
  const told = await eachRecord(event.Records, async (record) => {
    for (const one of newsIn(record)) await tell(one, live, alertContext);
  });
  // Those of records that come again are the same facts: they are noted whatever was told.
  await noteFacts(news.flatMap(factsIn), alertContext);
  return told;
});

function factsIn(news: News): readonly CaseFact[] {
  const fact = news.kind === 'case' ? factOf(news.before, news.after) : undefined;
  return fact === undefined ? [] : [fact];
}

function newsIn({ dynamodb }: DynamoDBRecord): readonly News[] {
  switch (dynamodb?.NewImage?.kind?.S) {
    case 'case': {
      const after = caseIn(dynamodb.NewImage);
      return after === undefined ? [] : [{ kind: 'case', before: caseIn(dynamodb.OldImage), after }];
    }
    case 'flag': {
      const after = flagIn(dynamodb.NewImage);
      return after === undefined ? [] : [{ kind: 'flag', before: flagIn(dynamodb.OldImage), after }];
    }
    default:
      return [];
  }
}
