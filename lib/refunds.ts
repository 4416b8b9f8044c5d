import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { CONTROL_KEYS, NO_VERSION_1 } from '../adapters/dynamodb/table-layouts.ts';
import { TASK_ENVIRONMENT } from '../functions/refunds/environment.ts';
import { historyTable, removalOf } from './history-table.ts';
import { KEY_FOR_TABLE_READS, KEY_FOR_TABLE_WRITES } from './key-actions.ts';
import { type FunctionContext, type Grant, OnechargeFunction } from './onecharge-function.ts';
import { PrivateNetwork } from './private-network.ts';
import { REFUND_TASKS, type RefundTask, refundMachine } from './refund-machine.ts';
import type { StageSettings } from './settings.ts';

interface RefundsProps {
  readonly context: FunctionContext;
  readonly key: IKey;
  readonly charges: TableV2;
  readonly cases: TableV2;
  readonly version1Windows: TableV2 | undefined;
  readonly incidents: TableV2;
}

const ASKS_PROCESSORS: readonly RefundTask[] = ['assess', 'reverse'];

/** One workflow per flag and attempt: grace, hold if it must, claim, reverse, record. */
export class Refunds extends Construct {
  /** Budgets, and the freeze that stops all refunds at once. */
  readonly controls: TableV2;
  /** What each claim allows to refund, once. Detection has no access to it. */
  readonly reservations: TableV2;
  /** Makes the MACs of approvals, in KMS: its bytes are read by no function. */
  readonly approvalKey: Key;
  /** The sandbox processor's own books, where some source is served by it. */
  readonly sandbox: TableV2 | undefined;
  readonly version1Windows: TableV2 | undefined;
  readonly machine: StateMachine;
  /** Of what asks processors, where the stage lists where it may send to. */
  private readonly network: PrivateNetwork | undefined;
  readonly tasks: { readonly [task in RefundTask]: OnechargeFunction<string> };

  constructor(scope: Construct, id: string, props: RefundsProps) {
    super(scope, id);
    const { settings } = props.context;
    const { key, version1Windows } = props;
    this.version1Windows = version1Windows;
    this.controls = historyTable(this, 'Controls', { settings, key, layout: 'controls' });
    this.reservations = historyTable(this, 'Reservations', { settings, key, layout: 'reservations' });
    this.approvalKey = approvalKey(this, settings);
    this.sandbox = settings.sandbox ? historyTable(this, 'Sandbox', { settings, key, layout: 'sandbox' }) : undefined;
    const { egress } = settings;
    this.network = egress && new PrivateNetwork(this, 'Network', { settings, egress });
    this.tasks = {
      assess: this.task('assess', props),
      hold: this.task('hold', props),
      claim: this.task('claim', props),
      reverse: this.task('reverse', props),
      record: this.task('record', props),
    };
    this.machine = refundMachine(new Construct(this, 'Workflow'), { settings, tasks: this.tasks });
    // A policy of its own: the machine names the function, so the function must not wait for a policy that names it.
    new Policy(this, 'HoldAnswers', {
      roles: this.tasks.hold.role === undefined ? [] : [this.tasks.hold.role],
      statements: [
        new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [this.machine.stateMachineArn] }),
      ],
    });
  }

  private task(task: RefundTask, props: RefundsProps): OnechargeFunction<string> {
    const { context, charges, cases, incidents, version1Windows } = props;
    return new OnechargeFunction(this, capitalized(task), {
      context,
      entry: `refunds/${task}.lambda.ts`,
      variables: TASK_ENVIRONMENT[task],
      environment: {
        CHARGES_TABLE: charges.tableName,
        CASES_TABLE: cases.tableName,
        CONTROLS_TABLE: this.controls.tableName,
        INCIDENTS_TABLE: incidents.tableName,
        SANDBOX_TABLE: this.sandbox?.tableName ?? 'none',
        RESERVATIONS_TABLE: this.reservations.tableName,
        RESERVATION_DAYS: String(context.settings.retention.reservations),
        VERSION_1_WINDOWS_TABLE: version1Windows?.tableName ?? NO_VERSION_1,
        APPROVAL_KEY_ARN: this.approvalKey.keyArn,
      },
      memoryMiB: 512,
      timeoutSeconds: REFUND_TASKS[task].timeoutSeconds,
      network: ASKS_PROCESSORS.includes(task) ? this.network : undefined,
      grants: this.grantsOf(task, props),
    });
  }

  private grantsOf(task: RefundTask, { context, key, charges, cases, incidents }: RefundsProps): readonly Grant[] {
    const changing: readonly Grant[] = [
      { actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem'], on: [cases.tableArn] },
      { actions: KEY_FOR_TABLE_WRITES, on: [key.keyArn] },
    ];
    const readSuspensions = { actions: ['dynamodb:Query'], on: [incidents.tableArn] };
    const readCharges = { actions: ['dynamodb:BatchGetItem'], on: [charges.tableArn] };
    const changeRecords = { actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], on: [charges.tableArn] };
    const controls = [this.controls.tableArn];
    const verifyApprovals = { actions: ['kms:VerifyMac'], on: [this.approvalKey.keyArn] };
    const readControls = { actions: ['dynamodb:GetItem'], on: controls };
    const release = {
      actions: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      on: controls,
      keys: CONTROL_KEYS.budgets,
    };
    const sandbox = this.sandbox === undefined ? [] : [this.sandbox.tableArn];
    // Only what asks processors has their secrets: a lookup before the claim, the refund after it.
    const gatewaySecrets = context.settings.gatewaySecrets.map((name) => ({
      actions: ['secretsmanager:GetSecretValue'],
      on: [this.secretArn(name)],
    }));
    switch (task) {
      case 'assess':
        return [
          { actions: ['dynamodb:BatchGetItem'], on: [cases.tableArn] },
          readCharges,
          { actions: ['dynamodb:GetItem'], on: [...controls, ...sandbox] },
          readSuspensions,
          { actions: KEY_FOR_TABLE_READS, on: [key.keyArn] },
          ...gatewaySecrets,
        ];
      case 'hold':
        return [...changing, readCharges, readSuspensions];
      case 'claim':
        return [
          ...changing,
          changeRecords,
          { actions: ['dynamodb:ConditionCheckItem'], on: [charges.tableArn] },
          { actions: ['dynamodb:PutItem'], on: [this.reservations.tableArn] },
          readControls,
          release,
          { actions: ['dynamodb:PutItem'], on: controls, keys: CONTROL_KEYS.budgets },
          readSuspensions,
          verifyApprovals,
        ];
      case 'reverse': {
        const actions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
        const books = sandbox.map((table) => ({ actions, on: [table] }));
        return [
          ...changing,
          changeRecords,
          { actions: ['dynamodb:GetItem'], on: [this.reservations.tableArn] },
          readControls,
          release,
          { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], on: controls, keys: CONTROL_KEYS.outflows },
          verifyApprovals,
          ...books,
          ...gatewaySecrets,
        ];
      }
      case 'record':
        return [...changing, changeRecords, readControls, release];
    }
  }

  /** An ARN ends in six characters of AWS's own, which the secret's name does not tell. */
  private secretArn(secret: string): string {
    if (secret.startsWith('arn:')) return secret;
    return Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${secret}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

/** Whether an approval was made by an approver is known by this key alone. Without it no approval counts. */
function approvalKey(scope: Construct, settings: StageSettings): Key {
  return new Key(scope, 'ApprovalKey', {
    description: `Onecharge ${settings.stage}: the MACs of approvals`,
    keySpec: KeySpec.HMAC_256,
    keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
    removalPolicy: removalOf(settings),
  });
}

function capitalized(task: RefundTask): string {
  return task.charAt(0).toUpperCase() + task.slice(1);
}
