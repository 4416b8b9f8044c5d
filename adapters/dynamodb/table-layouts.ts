export interface TableLayout {
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** The attribute with the time, in seconds since 1970, after which DynamoDB deletes an item. */
  readonly ttl?: string;
  readonly indexes: { readonly [name: string]: IndexLayout };
}

export interface IndexLayout {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** A write that changes no key of an index of keys alone costs that index nothing. */
  readonly projection: 'all' | 'keys-only';
}

/**
 * The keys, expiry and indexes of every table. The stack creates the tables from it, the stores and grants take the names
 * of indexes and their keys from it. A deployed index cannot change its keys: give a new one a new name.
 */
export const TABLES = {
  /** Of version 1. Only the migration reads it, and nothing writes to it. */
  windows: { partitionKey: 'pk', ttl: 'ttl', indexes: {} },
  charges: { partitionKey: 'pk', ttl: 'ttl', indexes: {} },
  reservations: { partitionKey: 'pk', ttl: 'ttl', indexes: {} },
  cases: {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: {
      byCase: { partitionKey: 'gsi1pk', sortKey: 'gsi1sk', projection: 'all' },
      byStatus: { partitionKey: 'gsi2pk', sortKey: 'gsi2sk', projection: 'keys-only' },
      byDeadline: { partitionKey: 'gsi3pk', sortKey: 'gsi3sk', projection: 'keys-only' },
      byMerchant: { partitionKey: 'gsi4pk', sortKey: 'gsi4sk', projection: 'keys-only' },
      byPayer: { partitionKey: 'gsi5pk', sortKey: 'gsi5sk', projection: 'keys-only' },
      byOrder: { partitionKey: 'gsi6pk', sortKey: 'gsi6sk', projection: 'keys-only' },
      byCharge: { partitionKey: 'gsi7pk', sortKey: 'gsi7sk', projection: 'keys-only' },
      byScore: { partitionKey: 'gsi8pk', sortKey: 'gsi8sk', projection: 'keys-only' },
    },
  },
  controls: { partitionKey: 'pk', ttl: 'ttl', indexes: {} },
  sandbox: { partitionKey: 'pk', indexes: {} },
  incidents: { partitionKey: 'pk', sortKey: 'sk', ttl: 'ttl', indexes: {} },
  jobs: { partitionKey: 'pk', ttl: 'ttl', indexes: {} },
  quarantine: {
    partitionKey: 'pk',
    ttl: 'ttl',
    indexes: { byReason: { partitionKey: 'gsi1pk', sortKey: 'gsi1sk', projection: 'all' } },
  },
} as const satisfies { readonly [table: string]: TableLayout };

/** With what the keys of the Controls table's items begin, by what writes them: each role's grant names its own. */
export const CONTROL_KEYS = {
  budgets: ['budget#', 'reservation#', 'payer#'],
  /** What gateways were asked for: of `reverse` alone, so that no other role can make room under a cap. */
  outflows: ['outflow#'],
  /** What approvers have released: of what makes approvals alone. */
  approvers: ['approver#'],
  freezes: ['freeze'],
  raises: ['cap-raise'],
  raiseEnds: ['raise-end#'],
  migration: ['migration'],
} as const satisfies { readonly [writer: string]: readonly string[] };

/** The keys of the Incidents table that an operator's restoration of an attestation writes. */
export const INCIDENT_KEYS = {
  suspensions: ['attestations'],
  restorations: ['attestation-acts'],
} as const satisfies { readonly [what: string]: readonly [string] };

/** Stands for the table of version-1 windows in stages that have none: their tables went with the stack of version 1. */
export const NO_VERSION_1 = 'none';

export type TableName = keyof typeof TABLES;
export type CaseIndex = keyof typeof TABLES.cases.indexes;
