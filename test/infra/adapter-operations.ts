/**
 * What each operation of an adapter asks of AWS, as `<action> <resource of the stack>`. Beside it stands how callers write
 * the call: `.name(` for a method of a port, `name(` for a function. A test compares this table with the commands that
 * the adapters send.
 */
export const ADAPTER_OPERATIONS: {
  readonly [adapter: string]: { readonly [call: string]: readonly string[] };
} = {
  // What the stores of records and windows write.
  'adapters/dynamodb/charge-items.ts': {
    '.insertRecords(': ['dynamodb:PartiQLInsert DetectionCharges'],
    '.insertWindows(': ['dynamodb:PartiQLInsert DetectionCharges'],
    '.replaceRecord(': ['dynamodb:PutItem DetectionCharges'],
    '.replaceWindow(': ['dynamodb:PutItem DetectionCharges'],
  },
  'adapters/dynamodb/claim-store.ts': {
    '.grant(': [
      'dynamodb:PutItem DetectionCharges',
      'dynamodb:ConditionCheckItem DetectionCharges',
      'dynamodb:PutItem RefundsReservations',
    ],
  },
  'adapters/cognito/users.ts': {
    '.groupsNow(': ['cognito-idp:AdminGetUser ApiPeople', 'cognito-idp:AdminListGroupsForUser ApiPeople'],
  },
  'adapters/kms/approval-macs.ts': {
    '.macOf(': ['kms:GenerateMac RefundsApprovalKey'],
    '.isMacOf(': ['kms:VerifyMac RefundsApprovalKey'],
  },
  'adapters/dynamodb/reservation-reader.ts': {
    '.readReservation(': ['dynamodb:GetItem RefundsReservations'],
  },
  'adapters/dynamodb/detector-definitions.ts': {
    'checkDefinitions(': ['dynamodb:PutItem DetectionCharges'],
  },
  'adapters/dynamodb/attested-since.ts': { 'noteAttestations(': ['dynamodb:PutItem DetectionCharges'] },
  'adapters/dynamodb/source-namespaces.ts': { 'noteNamespaces(': ['dynamodb:PutItem DetectionCharges'] },
  'adapters/dynamodb/case-store.ts': {
    '.readCase(': ['dynamodb:GetItem CasesTable'],
    '.commit(': ['dynamodb:PutItem CasesTable'],
    '.flagsOf(': ['dynamodb:Query CasesTable/index/byCase'],
    '.auditOf(': ['dynamodb:Query CasesTable'],
    '.addComment(': ['dynamodb:PutItem CasesTable'],
    '.commentsOf(': ['dynamodb:Query CasesTable'],
  },
  'adapters/dynamodb/case-endings.ts': {
    '.endCase(': [
      'dynamodb:Query CasesTable/index/byCase',
      'dynamodb:Query CasesTable',
      'dynamodb:DeleteItem CasesTable',
      'dynamodb:ConditionCheckItem CasesTable',
    ],
  },
  // What the stores read by many keys at once.
  'adapters/dynamodb/get-items.ts': {
    '.readRecords(': ['dynamodb:BatchGetItem DetectionCharges'],
    '.readLag(': ['dynamodb:BatchGetItem DetectionCharges'],
    'createAttestedSince(': ['dynamodb:BatchGetItem DetectionCharges'],
    '.readWindows(': ['dynamodb:BatchGetItem DetectionCharges'],
    '.readFlags(': ['dynamodb:BatchGetItem CasesTable'],
    '.listCases(': ['dynamodb:BatchGetItem CasesTable'],
    '.casesByStatus(': ['dynamodb:BatchGetItem CasesTable'],
    '.casesNotUrgent(': ['dynamodb:BatchGetItem CasesTable'],
    '.flagsByStatus(': ['dynamodb:BatchGetItem CasesTable'],
    '.waitingFlags(': ['dynamodb:BatchGetItem CasesTable'],
    '.unfinishedIncidents(': ['dynamodb:BatchGetItem AlertsIncidents'],
    '.listIncidents(': ['dynamodb:BatchGetItem AlertsIncidents'],
  },
  // What the case store's lists read.
  'adapters/dynamodb/case-lists.ts': {
    '.listCases(': ['byStatus', 'byDeadline', 'byMerchant', 'byPayer', 'byOrder', 'byCharge'].map(
      (index) => `dynamodb:Query CasesTable/index/${index}`,
    ),
    '.casesByStatus(': ['dynamodb:Query CasesTable/index/byStatus'],
    '.casesNotUrgent(': ['dynamodb:Query CasesTable/index/byDeadline'],
    '.flagsByStatus(': ['dynamodb:Query CasesTable/index/byStatus'],
    '.countFlags(': ['dynamodb:Query CasesTable/index/byStatus'],
    '.waitingFlags(': ['byScore', 'byStatus'].map((index) => `dynamodb:Query CasesTable/index/${index}`),
  },
  'adapters/dynamodb/budgets.ts': {
    '.allocate(': ['Get', 'Put', 'Update'].map((verb) => `dynamodb:${verb}Item RefundsControls`),
    '.otherCases(': ['dynamodb:GetItem RefundsControls'],
    '.releaseAllocation(': [
      'dynamodb:GetItem RefundsControls',
      'dynamodb:DeleteItem RefundsControls',
      'dynamodb:UpdateItem RefundsControls',
    ],
  },
  'adapters/dynamodb/approver-sums.ts': {
    '.countRelease(': ['Get', 'Put', 'Update'].map((verb) => `dynamodb:${verb}Item RefundsControls`),
    '.releasedMinor(': ['dynamodb:GetItem RefundsControls'],
  },
  'adapters/dynamodb/cap-raises.ts': {
    '.raisesIn(': ['dynamodb:GetItem RefundsControls'],
    '.replaceRaises(': ['dynamodb:PutItem RefundsControls'],
  },
  'adapters/dynamodb/raise-ends.ts': { '.noteEnd(': ['dynamodb:PutItem RefundsControls'] },
  'adapters/dynamodb/outflows.ts': {
    '.hasRoom(': ['dynamodb:GetItem RefundsControls'],
    '.countOutflow(': ['Get', 'Put', 'Update'].map((verb) => `dynamodb:${verb}Item RefundsControls`),
  },
  'adapters/dynamodb/incident-store.ts': {
    '.noteChargesProcessed(': ['dynamodb:UpdateItem AlertsIncidents'],
    '.chargesProcessedSince(': ['dynamodb:Query AlertsIncidents'],
    '.noteOpened(': ['dynamodb:BatchWriteItem AlertsIncidents'],
    '.openedBetween(': ['dynamodb:Query AlertsIncidents'],
    '.liveIncidents(': ['dynamodb:Query AlertsIncidents'],
    '.openIncident(': ['dynamodb:PutItem AlertsIncidents'],
    '.readIncident(': ['dynamodb:GetItem AlertsIncidents'],
    '.saveIncident(': ['dynamodb:PutItem AlertsIncidents', 'dynamodb:DeleteItem AlertsIncidents'],
    '.unfinishedIncidents(': ['dynamodb:Query AlertsIncidents'],
    '.listIncidents(': ['dynamodb:Query AlertsIncidents'],
    '.noteMembers(': ['dynamodb:PutItem AlertsIncidents'],
    '.membersOf(': ['dynamodb:Query AlertsIncidents'],
    '.claimOnce(': ['dynamodb:PutItem AlertsIncidents'],
  },
  'adapters/dynamodb/job-store.ts': {
    '.createJob(': ['dynamodb:PutItem JobsTable'],
    '.waitingOrder(': ['dynamodb:GetItem JobsTable'],
    '.readJob(': ['dynamodb:GetItem JobsTable'],
    '.saveJob(': ['dynamodb:PutItem JobsTable'],
  },
  // Parts and whole objects are put by one permission, and asked for by one.
  'adapters/s3/export-files.ts': {
    '.beginFile(': ['s3:PutObject JobsExports/*'],
    '.putPart(': ['s3:PutObject JobsExports/*'],
    '.endFile(': ['s3:PutObject JobsExports/*', 's3:GetObject JobsExports/*'],
    '.keepRest(': ['s3:PutObject JobsExports/*'],
    '.readRest(': ['s3:GetObject JobsExports/*'],
  },
  'adapters/s3/export-links.ts': { 'createExportLinks(': ['s3:GetObject JobsExports/*'] },
  'adapters/dynamodb/statistics-store.ts': {
    '.noteFacts(': ['dynamodb:BatchWriteItem AlertsIncidents'],
    '.markLate(': ['dynamodb:PutItem AlertsIncidents'],
    '.factsOf(': ['dynamodb:Query AlertsIncidents'],
    '.fewFacts(': ['dynamodb:Query AlertsIncidents'],
    '.chargesProcessedByMinute(': ['dynamodb:Query AlertsIncidents'],
    '.saveSums(': ['dynamodb:PutItem AlertsIncidents'],
    '.sumsBetween(': ['dynamodb:Query AlertsIncidents'],
    '.summedUntil(': ['dynamodb:GetItem AlertsIncidents'],
    '.saveSummedUntil(': ['dynamodb:PutItem AlertsIncidents'],
    '.lateMinutes(': ['dynamodb:Query AlertsIncidents'],
    '.forgetLate(': ['dynamodb:DeleteItem AlertsIncidents'],
  },
  'adapters/dynamodb/lag-store.ts': {
    '.reportLag(': ['dynamodb:UpdateItem DetectionCharges'],
  },
  'adapters/dynamodb/freeze-store.ts': {
    '.issue(': ['dynamodb:GetItem RefundsControls', 'dynamodb:PutItem RefundsControls'],
    '.requestThaw(': ['dynamodb:PutItem RefundsControls'],
    '.thawRequest(': ['dynamodb:GetItem RefundsControls'],
    '.newestOrders(': ['dynamodb:GetItem RefundsControls'],
    '.isFrozen(': ['dynamodb:GetItem RefundsControls'],
  },
  // Wherever freezes are read, the mark of the migration is read too.
  'adapters/dynamodb/migration-reader.ts': {
    '.readMigration(': ['dynamodb:GetItem RefundsControls'],
    '.issue(': ['dynamodb:GetItem RefundsControls'],
    '.newestOrders(': ['dynamodb:GetItem RefundsControls'],
    '.isFrozen(': ['dynamodb:GetItem RefundsControls'],
  },
  'adapters/dynamodb/migration-writer.ts': { '.writeMigration(': ['dynamodb:PutItem RefundsControls'] },
  'adapters/dynamodb/version-1-presence.ts': { '.hasWindows(': ['dynamodb:Scan DetectionWindows'] },
  'adapters/dynamodb/suspension-store.ts': {
    '.suspend(': ['dynamodb:UpdateItem AlertsIncidents'],
    '.suspensionsOf(': ['dynamodb:Query AlertsIncidents'],
    '.allSuspensions(': ['dynamodb:Query AlertsIncidents'],
    '.markAlerted(': ['dynamodb:PutItem AlertsIncidents'],
    '.restore(': ['dynamodb:GetItem AlertsIncidents', 'dynamodb:PutItem AlertsIncidents'],
  },
  'adapters/gateways/sandbox.ts': {
    '.lookup(': ['dynamodb:GetItem RefundsSandbox'],
    '.reverse(': [
      'dynamodb:GetItem RefundsSandbox',
      'dynamodb:PutItem RefundsSandbox',
      'dynamodb:UpdateItem RefundsSandbox',
    ],
  },
  // Which secrets the gateways have is configuration, and the configuration that ships has none.
  'adapters/secrets/read-secret.ts': {
    '.readSecret(': ['secretsmanager:GetSecretValue of-the-gateways'],
    '.currentKey(': ['secretsmanager:GetSecretValue ApiPayerLinkSecret'],
    '.isEdgeKey(': ['secretsmanager:GetSecretValue ApiEdgeSecret'],
    '.linkKeyOf(': ['secretsmanager:GetSecretValue ApiPayerLinkSecret'],
    'createFingerprintKeys(': ['secretsmanager:GetSecretValue FingerprintSecret'],
    'createSigningKeys(': ['secretsmanager:GetSecretValue SigningSecret'],
  },
  'adapters/s3/quarantine.ts': {
    '.put(': ['s3:PutObject EventsQuarantineBucket/*', 'sqs:SendMessage EventsQuarantineQueue'],
    '.putTogether(': ['s3:PutObject EventsQuarantineBucket/*', 'sqs:SendMessage EventsQuarantineQueue'],
  },
  // Detection adds what it puts into quarantine; operators decide with their own rights.
  'adapters/dynamodb/quarantine-writer.ts': { '.put(': ['dynamodb:UpdateItem EventsQuarantineTable'] },
  'adapters/dynamodb/refusal-store.ts': {
    '.noteRefusals(': ['dynamodb:UpdateItem AlertsIncidents'],
    '.refusalsIn(': ['dynamodb:Query AlertsIncidents'],
    '.openNotice(': ['dynamodb:PutItem AlertsIncidents'],
    '.markNoticeSent(': ['dynamodb:PutItem AlertsIncidents'],
  },
  'adapters/s3/dead-letter-writer.ts': { 'keepDeadLetter(': ['s3:PutObject EventsDeadLetterBucket/*'] },
  'adapters/s3/seal-store.ts': {
    '.days(': ['s3:ListBucketVersions CasesSealBucket'],
    '.readSeal(': ['s3:ListBucketVersions CasesSealBucket', 's3:GetObjectVersion CasesSealBucket/*'],
    '.putSeal(': ['s3:PutObject CasesSealBucket/*'],
    '.readPart(': ['s3:ListBucketVersions CasesSealBucket', 's3:GetObjectVersion CasesSealBucket/*'],
    '.putPart(': ['s3:PutObject CasesSealBucket/*'],
  },
  'adapters/stepfunctions/workflows.ts': {
    '.start(': ['states:StartExecution RefundsWorkflowMachine'],
    '.wake(': ['states:SendTaskSuccess RefundsWorkflowMachine'],
  },
  'adapters/sns/alerts.ts': { 'publishAlert(': ['sns:Publish AlertsTopic'] },
};

/** What IAM asks for a command. Transactions are allowed by their members, which are read from the source. */
export const COMMAND_ACTIONS: { readonly [command: string]: string } = {
  BatchGetItem: 'dynamodb:BatchGetItem',
  BatchWriteItem: 'dynamodb:BatchWriteItem',
  GetItem: 'dynamodb:GetItem',
  PutItem: 'dynamodb:PutItem',
  UpdateItem: 'dynamodb:UpdateItem',
  DeleteItem: 'dynamodb:DeleteItem',
  Query: 'dynamodb:Query',
  Scan: 'dynamodb:Scan',
  // Ours insert and nothing else: see the statement in the window store.
  BatchExecuteStatement: 'dynamodb:PartiQLInsert',
  PutObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  ListObjectVersions: 's3:ListBucketVersions',
  SendMessage: 'sqs:SendMessage',
  Publish: 'sns:Publish',
  AdminGetUser: 'cognito-idp:AdminGetUser',
  AdminListGroupsForUser: 'cognito-idp:AdminListGroupsForUser',
  GenerateMac: 'kms:GenerateMac',
  VerifyMac: 'kms:VerifyMac',
  GetSecretValue: 'secretsmanager:GetSecretValue',
  StartExecution: 'states:StartExecution',
  SendTaskSuccess: 'states:SendTaskSuccess',
};
export const TRANSACTION_ACTIONS: { readonly [member: string]: string } = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

const TABLE_READ = ['kms:Decrypt', 'kms:DescribeKey'];
const TABLE_WRITE = [
  ...TABLE_READ,
  'kms:Encrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
];

/** What an action on a resource under a customer key asks of the key, by the services' guides. */
export function keyActionsOf(need: string): readonly string[] {
  const [action = '', resource = ''] = need.split(' ');
  const on = (key: string, actions: readonly string[]) => actions.map((one) => `${one} ${key}`);
  if (/^(kinesis:GetRecords|dynamodb:GetRecords|secretsmanager:GetSecretValue)$/.test(action)) {
    return on('Key', ['kms:Decrypt']);
  }
  if (/^dynamodb:(GetItem|BatchGetItem|Query)$/.test(action)) return on('Key', TABLE_READ);
  if (/^dynamodb:(PartiQLInsert|BatchWriteItem|PutItem|UpdateItem|DeleteItem|ConditionCheckItem)$/.test(action)) {
    return on('Key', TABLE_WRITE);
  }
  if (/^(sqs:SendMessage|sns:Publish)$/.test(action)) return on('Key', ['kms:GenerateDataKey', 'kms:Decrypt']);
  if (action === 's3:GetObject') return on('Key', ['kms:Decrypt']);
  if (action !== 's3:PutObject' || resource.startsWith('CasesSealBucket')) return [];
  // Joining parts reads them.
  if (resource.startsWith('JobsExports')) return on('Key', ['kms:GenerateDataKey', 'kms:Decrypt']);
  // The quarantine's own objects are under the key of the stack, bytes that could not be read under one of their own.
  const keys = resource.startsWith('EventsQuarantine') ? ['Key', 'EventsRawKey'] : ['EventsRawKey'];
  return keys.flatMap((key) => on(key, ['kms:GenerateDataKey']));
}
