import type { DynamoDBRecord } from 'aws-lambda';
import { endingsOf } from '../../core/alerts/endings.ts';
import { createFollower } from '../../core/alerts/follow.ts';
import { notify, type RecordChange } from '../../core/alerts/notify.ts';
import { type CaseFact, factOf } from '../../core/queries/statistics.ts';
import { noteFacts } from '../../core/queries/sum-minutes.ts';
import { countOf } from '../observability.ts';
import { readEnvironment } from '../read-environment.ts';
import { caseIn, flagIn } from '../streams/case-image.ts';
import { eachRecord } from '../streams/each-record.ts';
import { streamHandler } from '../streams/stream-handler.ts';
import { alertContext } from './alert-context.ts';
import { ALERT_ENVIRONMENT } from './environment.ts';

const environment = readEnvironment(ALERT_ENVIRONMENT);
const follow = createFollower(alertContext);

/** Says what happened to cases, once each, or folds it into an incident; delivered again it says nothing new. */
export const handler = streamHandler(
  { kind: 'changes', bucket: environment.DEAD_LETTER_BUCKET },
  async (records: readonly DynamoDBRecord[]) => {
    const changes = records.flatMap(changesIn);
    const live = await follow(changes);
    for (const [detector, endings] of endingsOf(changes)) countOf(detector, endings);
    const failures = await eachRecord(records, async (record) => {
      for (const one of changesIn(record)) await notify(one, live, alertContext);
    });
    // Those of records that come again are the same facts: they are noted whatever was notified.
    await noteFacts(changes.flatMap(factsIn), alertContext);
    return failures;
  },
);

function factsIn(change: RecordChange): readonly CaseFact[] {
  const fact = change.kind === 'case' ? factOf(change.before, change.after) : undefined;
  return fact === undefined ? [] : [fact];
}

function changesIn({ dynamodb }: DynamoDBRecord): readonly RecordChange[] {
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
