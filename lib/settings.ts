import type { Door } from '../functions/api/operations.ts';

/** What differs between the stages of one app, declared once. Everything else is the same in all of them. */
export interface StageSettings {
  readonly stage: string;
  readonly stream: StreamMode;
  /** How long the stream can be read again after an outage of ours. */
  readonly streamRetentionHours: number;
  /** Tables, buckets and keys outlive the stack and refuse to be deleted. */
  readonly keepsHistory: boolean;
  /** The sandbox processor's books are deployed: some source is served by the `sandbox` gateway. */
  readonly sandbox: boolean;
  /** Ids of the configured detectors, strongest first: each has its own metrics. */
  readonly detectors: readonly string[];
  /** Names or ARNs of the secrets that the configured gateways read. */
  readonly gatewaySecrets: readonly string[];
  readonly logRetentionDays: number;
  /**
   * CloudFront with a firewall stands before the console and the API, and the API answers nothing that came another way. An
   * emulator knows neither: there the API's own address is the only one.
   */
  readonly hasEdge: boolean;
  /** The console's own domain. Without one CloudFront gives it an address, and chooses its TLS versions. */
  readonly console: { readonly domain: string; readonly certificateArn: string } | undefined;
  /** People may sign in by name and password alone (scripts, local runs) rather than by SRP. */
  readonly passwordSignIn: boolean;
  readonly detect: StreamReading & { readonly memoryMiB: number };
  readonly caseStream: StreamReading;
  readonly jobStream: StreamReading;
  readonly refunds: {
    /** Retries of one task of the refund workflow, at most 15 minutes apart. */
    readonly retriesMax: number;
    /**
     * Step Functions' quotas of the account and region, as lasting rates; Service Quotas shows them. Starts are paced to
     * stay below both: a refund is some twelve transitions.
     */
    readonly quotas: { readonly startsPerSecond: number; readonly transitionsPerSecond: number };
    /** Reserved from the account's concurrency of functions, so that many shards do not start faster than few. */
    readonly dispatchersMax: number;
  };
  /** Object Lock of the daily seals: `GOVERNANCE` lets who has a permission of its own end it, `COMPLIANCE` nobody. */
  readonly seals: { readonly lock: 'GOVERNANCE' | 'COMPLIANCE'; readonly retentionDays: number };
  /** How many requests each of the API's functions answers, so that none takes another's share. */
  readonly api: { readonly [door in Door]: { readonly requestsPerSecond: number; readonly burst: number } };
}

export type StreamMode =
  | { readonly mode: 'on-demand' }
  | {
      readonly mode: 'provisioned';
      readonly shards: number;
    };

/** How a Lambda mapping reads a stream. */
export interface StreamReading {
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  /** Batches of one shard in work at a time; the tables' conditions keep the order that matters. */
  readonly parallelizationFactor: number;
  /** After these the batch goes to the dead-letter bucket, from where it is redriven. */
  readonly retriesMax: number;
  readonly recordAgeHoursMax: number;
}

const PRODUCTION = {
  stream: { mode: 'on-demand' },
  streamRetentionHours: 7 * 24,
  keepsHistory: true,
  logRetentionDays: 365,
  hasEdge: true,
  passwordSignIn: false,
  // A record of another batch waits while one is retried: hours of outage are ridden out, a poisoned batch is not.
  detect: {
    memoryMiB: 1024,
    batchSize: 200,
    batchingWindowSeconds: 1,
    parallelizationFactor: 10,
    retriesMax: 60,
    recordAgeHoursMax: 24,
  },
  // The table's stream forgets after 24 hours: what cannot be delivered is given up well before.
  caseStream: {
    batchSize: 50,
    batchingWindowSeconds: 0,
    parallelizationFactor: 2,
    retriesMax: 60,
    recordAgeHoursMax: 20,
  },
  // One job at a time in each hand. A retry waits (functions/jobs/job-handler.ts): all of them are longer than a lease.
  jobStream: {
    batchSize: 1,
    batchingWindowSeconds: 0,
    parallelizationFactor: 10,
    retriesMax: 60,
    recordAgeHoursMax: 20,
  },
  // The smallest defaults of any region (us-east-1, us-west-2 and eu-west-1 have 300 and 5,000); new accounts begin lower.
  refunds: { retriesMax: 40, quotas: { startsPerSecond: 150, transitionsPerSecond: 800 }, dispatchersMax: 5 },
  // A year of evidence and the longest deadline of a card scheme. Nobody can take `COMPLIANCE` back: choose it knowingly.
  seals: { lock: 'GOVERNANCE', retentionDays: 365 + 120 },
  api: {
    public: { requestsPerSecond: 50, burst: 100 },
    read: { requestsPerSecond: 50, burst: 100 },
    decide: { requestsPerSecond: 10, burst: 20 },
  },
} as const;

const LOCAL = {
  stream: { mode: 'provisioned', shards: 2 },
  streamRetentionHours: 24,
  keepsHistory: false,
  logRetentionDays: 7,
  hasEdge: false,
  passwordSignIn: true,
  detect: { ...PRODUCTION.detect, batchingWindowSeconds: 0, parallelizationFactor: 1, retriesMax: 5 },
  caseStream: { ...PRODUCTION.caseStream, parallelizationFactor: 1, retriesMax: 5 },
  jobStream: PRODUCTION.jobStream,
  // An emulator has no quotas: paced far above what it can do.
  refunds: { retriesMax: 6, quotas: { startsPerSecond: 3_000, transitionsPerSecond: 36_000 }, dispatchersMax: 5 },
  seals: { lock: 'GOVERNANCE', retentionDays: 1 },
  api: PRODUCTION.api,
} as const;

interface Configured {
  readonly detectors: readonly { readonly id: string }[];
  readonly sources: readonly {
    readonly gateway: { readonly kind: string; readonly secret?: string } | undefined;
  }[];
  readonly console?: StageSettings['console'];
}

/** `shards` makes the stream a provisioned one of that many, in any stage. */
export function settingsFor(stage: string, configuration: Configured, shards?: number): StageSettings {
  const settings = stage === 'local' ? LOCAL : PRODUCTION;
  const gateways = configuration.sources.flatMap(({ gateway }) => gateway ?? []);
  const sandbox = gateways.some(({ kind }) => kind === 'sandbox');
  const gatewaySecrets = [...new Set(gateways.flatMap(({ secret }) => secret ?? []))];
  const stream: StreamMode = shards === undefined ? settings.stream : { mode: 'provisioned', shards };
  const detectors = configuration.detectors.map(({ id }) => id);
  return { ...settings, stage, sandbox, detectors, gatewaySecrets, stream, console: configuration.console };
}
