import type { Door } from '../functions/api/operations.ts';
import { UNREADABLE } from '../functions/detection/environment.ts';

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
  /** The version of a profile of AWS Signer that signs the functions' code. Not in `local`: an emulator checks no signature. */
  readonly signingProfileArn: string | undefined;
  /** Where the functions that ask processors may send to. Absent: anywhere. Not in `local`: an emulator has no network. */
  readonly egress: Egress | undefined;
  /** For how many days what is stored lives: docs/data.md. core/configuration/retention.ts refuses what would break something. */
  readonly retention: Retention;
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
  readonly seals: { readonly lock: 'GOVERNANCE' | 'COMPLIANCE' };
  /** How many requests each of the API's functions answers, so that none takes another's share. */
  readonly api: { readonly [door in Door]: { readonly requestsPerSecond: number; readonly burst: number } };
}

/** The names and ports of the configured processors. */
export interface Egress {
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
}

/** Days. What has no member here lives for a time that a promise fixes, or for ever: docs/data.md lists all of it. */
export interface Retention {
  /** A resolved case with its flags, audit and comments, after its last change. An open case never ends. */
  readonly cases: number;
  /** A reservation, after its claim. */
  readonly reservations: number;
  /** A refused record, after it arrived: its place in the list and its object. */
  readonly quarantine: number;
  /** Bytes that could not be read as an event: they may have card numbers. */
  readonly unreadable: number;
  /** A dead letter that was put back. One that was not is never deleted. */
  readonly redriven: number;
  /** What was replaced or deleted in a bucket with versions: to be restored after a mistake. */
  readonly oldVersions: number;
  /** The file of an export. */
  readonly exports: number;
  /** Logs of functions and workflows, and the logs of the buckets. CloudWatch takes certain numbers alone. */
  readonly logs: number;
  /** The logs of the API: who looked at what. */
  readonly accessLogs: number;
  /** Daily seals, under Object Lock. */
  readonly seals: number;
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

const RETENTION: Retention = {
  // Bookkeeping and chargebacks: seven years cover the longest time that the rules on docs/data.md ask for.
  cases: 2_557,
  // A workflow lives for a year at most.
  reservations: 400,
  quarantine: 400,
  unreadable: UNREADABLE.daysMax,
  redriven: 30,
  oldVersions: 30,
  // An export is fetched when it is done: what lies longer is a copy of cases that no operator looks after.
  exports: 3,
  logs: 365,
  // PCI DSS 10.5.1: twelve months.
  accessLogs: 400,
  // A year of evidence and the longest deadline of a card scheme. `COMPLIANCE` cannot be taken back: choose it knowingly.
  seals: 365 + 120,
};

const PRODUCTION = {
  stream: { mode: 'on-demand' },
  streamRetentionHours: 7 * 24,
  keepsHistory: true,
  retention: RETENTION,
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
  seals: { lock: 'GOVERNANCE' },
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
  retention: { ...RETENTION, logs: 7, accessLogs: 7, seals: 1 },
  hasEdge: false,
  passwordSignIn: true,
  detect: { ...PRODUCTION.detect, batchingWindowSeconds: 0, parallelizationFactor: 1, retriesMax: 5 },
  caseStream: { ...PRODUCTION.caseStream, parallelizationFactor: 1, retriesMax: 5 },
  jobStream: PRODUCTION.jobStream,
  // An emulator has no quotas: paced far above what it can do.
  refunds: { retriesMax: 6, quotas: { startsPerSecond: 3_000, transitionsPerSecond: 36_000 }, dispatchersMax: 5 },
  seals: PRODUCTION.seals,
  api: PRODUCTION.api,
} as const;

interface Configured {
  readonly detectors: readonly { readonly id: string }[];
  readonly sources: readonly {
    readonly gateway: ConfiguredGateway | undefined;
  }[];
  readonly console?: StageSettings['console'];
}

interface ConfiguredGateway {
  readonly kind: string;
  readonly secret?: string;
  readonly url?: string;
}

/** What a deployment states by CDK context. */
export interface Chosen {
  /** Makes the stream a provisioned one of that many, in any stage. */
  readonly shards?: number | undefined;
  readonly signingProfileArn?: string | undefined;
  readonly listsEgress?: boolean;
}

export function settingsFor(stage: string, configuration: Configured, chosen: Chosen = {}): StageSettings {
  const { shards, signingProfileArn, listsEgress = false } = chosen;
  const settings = stage === 'local' ? LOCAL : PRODUCTION;
  const gateways = configuration.sources.flatMap(({ gateway }) => gateway ?? []);
  const sandbox = gateways.some(({ kind }) => kind === 'sandbox');
  const gatewaySecrets = [...new Set(gateways.flatMap(({ secret }) => secret ?? []))];
  const stream: StreamMode = shards === undefined ? settings.stream : { mode: 'provisioned', shards };
  const detectors = configuration.detectors.map(({ id }) => id);
  const egress = listsEgress ? egressOf(gateways) : undefined;
  return {
    ...settings,
    stage,
    sandbox,
    detectors,
    gatewaySecrets,
    stream,
    signingProfileArn,
    egress,
    console: configuration.console,
  };
}

const STRIPE_URL = 'https://api.stripe.com';
const HTTPS_PORT = 443;

function egressOf(gateways: readonly ConfiguredGateway[]): Egress {
  const urls = gateways.flatMap(({ kind, url = kind === 'stripe' ? STRIPE_URL : undefined }) => url ?? []);
  const parsed = urls.map((url) => new URL(url));
  return {
    hosts: [...new Set(parsed.map(({ hostname }) => hostname))].sort(),
    ports: [...new Set(parsed.map(({ port }) => (port === '' ? HTTPS_PORT : Number(port))))].sort(),
  };
}
