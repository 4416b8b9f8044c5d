import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createCaseStore } from '../../adapters/dynamodb/case-store.ts';
import { createIncidentStore } from '../../adapters/dynamodb/incident-store.ts';
import { createStatisticsStore } from '../../adapters/dynamodb/statistics-store.ts';
import { systemRuntime } from '../../adapters/system-runtime.ts';
import { endingsOf } from '../../core/alerts/endings.ts';
import { createFollower, type FollowContext } from '../../core/alerts/follow.ts';
import { type NotifyContext, notify, type RecordChange } from '../../core/alerts/notify.ts';
import { incidentSettings } from '../../core/configuration/incident-settings.ts';
import { type CaseFact, factOf } from '../../core/queries/statistics.ts';
import { type NoteContext, noteFacts } from '../../core/queries/sum-minutes.ts';
import { countOf } from '../observability.ts';
import { readConfiguration } from '../read-configuration.ts';
import { readEnvironment } from '../read-environment.ts';
import { eachRecord } from '../streams/each-record.ts';
import { caseIn, flagIn } from '../streams/images.ts';
import { streamHandler } from '../streams/stream-handler.ts';
import { ALERT_ENVIRONMENT } from './environment.ts';
import { sendingContext } from './sending-context.ts';

const environment = readEnvironment(ALERT_ENVIRONMENT);
const { configuration } = readConfiguration();
const client = new DynamoDBClient({});
const engine = { client, table: environment.INCIDENTS_TABLE, ...systemRuntime };

const context: FollowContext & NotifyContext & NoteContext = {
  ...sendingContext(configuration.alerts, environment.ALERTS_TOPIC_ARN),
  settings: incidentSettings(configuration),
  holdExpiresAfterMs: configuration.refunds.holds.expireAfterMs,
  incidents: createIncidentStore(engine),
  cases: createCaseStore({ client, table: environment.CASES_TABLE }),
  statistics: createStatisticsStore(engine),
};
const follow = createFollower(context);

/** Says what happened to cases, once each, or folds it into an incident; delivered again it says nothing new. */
export const handler = streamHandler(
  { kind: 'changes', bucket: environment.DEAD_LETTER_BUCKET },
  async (records: readonly DynamoDBRecord[]) => {
    const changes = records.flatMap(changesIn);
    const live = await follow(changes);
    for (const [detector, endings] of endingsOf(changes)) countOf(detector, endings);
    const failures = await eachRecord(records, async (record) => {
      for (const one of changesIn(record)) await notify(one, live, context);
    });
    // Those of records that come again are the same facts: they are noted whatever was notified.
    await noteFacts(changes.flatMap(factsIn), context);
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
