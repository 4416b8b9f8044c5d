import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { UNREADABLE } from '../functions/detection/environment.ts';
import { accessLogsOf } from './access-logs.ts';
import { historyTable, removalOf } from './history-table.ts';
import { oldVersionsExpire } from './old-versions.ts';
import type { Retention, StageSettings } from './settings.ts';
import type { DeadLetters } from './stream-mapping.ts';

/** What was refused, with its reason: the bytes in the bucket, an index in the table, an entry in the queue. */
export interface Quarantine {
  readonly bucket: Bucket;
  readonly table: TableV2;
  readonly queue: Queue;
}

/** Of what was put back, as core/redrive/dead-letter.ts names it. */
const REDRIVEN_PREFIX = 'redriven/';

/**
 * On a versioned bucket an expired object is only hidden: its last version goes a day after, the least that S3 takes. Before
 * the prefix there were two: what lies there ages out as well. All other records end after a longer time.
 */
function quarantineRules({ unreadable, quarantine }: Retention): readonly LifecycleRule[] {
  const soon = [UNREADABLE.prefix, 'not-json/', 'too-large/'].map((prefix) => ({
    prefix,
    expiration: Duration.days(unreadable),
    noncurrentVersionExpiration: Duration.days(1),
  }));
  return [...soon, { expiration: Duration.days(quarantine) }];
}

interface EventsProps {
  readonly settings: StageSettings;
  readonly key: IKey;
}

interface BucketProps {
  readonly encryptionKey: IKey;
  readonly lifecycleRules: readonly LifecycleRule[];
  readonly settings: StageSettings;
}

/** Payment events come in here; what cannot be judged is kept here. */
export class Events extends Construct {
  readonly stream: Stream;
  /** For bytes nobody has looked into: they may hold what must not be kept, so who reads them needs this key too. */
  readonly rawKey: Key;
  readonly quarantine: Quarantine;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, { settings, key }: EventsProps) {
    super(scope, id);
    this.stream = new Stream(this, 'Stream', {
      encryption: StreamEncryption.KMS,
      encryptionKey: key,
      retentionPeriod: Duration.hours(settings.streamRetentionHours),
      removalPolicy: removalOf(settings),
      ...(settings.stream.mode === 'provisioned'
        ? { streamMode: StreamMode.PROVISIONED, shardCount: settings.stream.shards }
        : { streamMode: StreamMode.ON_DEMAND }),
    });
    this.rawKey = new Key(this, 'RawKey', {
      description: 'Onecharge: bytes that could not be read as payment events',
      enableKeyRotation: true,
      removalPolicy: removalOf(settings),
    });
    this.quarantine = {
      bucket: this.bucket('QuarantineBucket', {
        encryptionKey: key,
        lifecycleRules: quarantineRules(settings.retention),
        settings,
      }),
      table: historyTable(this, 'QuarantineTable', { settings, key, layout: 'quarantine' }),
      queue: this.quarantineQueue(key, settings),
    };
    // A letter that was put back lies under another prefix, and its events may have card numbers: it goes, and its versions.
    const redriven = {
      prefix: REDRIVEN_PREFIX,
      expiration: Duration.days(settings.retention.redriven),
      noncurrentVersionExpiration: Duration.days(1),
    };
    const deadLetters = { encryptionKey: this.rawKey, lifecycleRules: [redriven], settings };
    this.deadLetters = { bucket: this.bucket('DeadLetterBucket', deadLetters), key: this.rawKey };
  }

  private bucket(id: string, { encryptionKey, lifecycleRules, settings }: BucketProps): Bucket {
    return new Bucket(this, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      enforceSSL: true,
      versioned: settings.keepsHistory,
      lifecycleRules: [oldVersionsExpire(settings), ...lifecycleRules],
      serverAccessLogsBucket: accessLogsOf(this, settings),
      serverAccessLogsPrefix: `${id}/`,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: removalOf(settings),
    });
  }

  /** An entry only points to its object and index item, which stay: one that ages out of the queue loses nothing. */
  private quarantineQueue(encryptionMasterKey: IKey, settings: StageSettings): Queue {
    const common = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: removalOf(settings),
    };
    const queue = new Queue(this, 'QuarantineDeadLetters', common);
    return new Queue(this, 'QuarantineQueue', {
      ...common,
      visibilityTimeout: Duration.minutes(5),
      deadLetterQueue: { queue, maxReceiveCount: 5 },
    });
  }
}
