import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Condition,
  DefinitionBody,
  Errors,
  Fail,
  type IChainable,
  IntegrationPattern,
  JitterType,
  JsonPath,
  LogLevel,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
  Timeout,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { FAULT_NAMES } from '../core/fault.ts';
import { logGroup } from './log-group.ts';
import type { StageSettings } from './settings.ts';

/** The workflow's tasks. A call of a processor may take longer than what only reads and writes our own tables. */
export const REFUND_TASKS = {
  assess: { timeoutSeconds: 60 },
  hold: { timeoutSeconds: 30 },
  claim: { timeoutSeconds: 30 },
  reverse: { timeoutSeconds: 60 },
  record: { timeoutSeconds: 30 },
} as const;
export type RefundTask = keyof typeof REFUND_TASKS;

/**
 * Retries by the name of the error, which says when a repetition may help. Every task may be asked again: what it does is
 * conditional and named by flag and attempt.
 */
const SOON = { firstSeconds: 1 };
const LATER = { firstSeconds: 5 };
/** With it, 40 retries last some hours. A quota can be used up for as long as an outage lasts. */
const APART_MAX = Duration.minutes(15);
const BACKOFF_RATE = 2;
/** Errors without a name of ours: a crash, a timeout, a fault of Lambda itself. */
const PLATFORM = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  Errors.TASKS_FAILED,
];

interface RefundMachineProps {
  readonly settings: StageSettings;
  readonly tasks: { readonly [task in RefundTask]: IFunction };
}

/**
 * The refund of one flag and attempt, from `{ schemaVersion, flagId, attempt, graceSeconds }`. Each task answers the whole state of
 * the next step, whose name is in `next`; the one exception is the hold, whose answer comes from a person.
 */
export function refundMachine(scope: Construct, { settings, tasks }: RefundMachineProps): StateMachine {
  const retriesMax = settings.refunds.retriesMax;
  const assess = ask(scope, { name: 'Assess', task: 'assess', target: tasks.assess, retriesMax });
  const hold = holdTask(scope, tasks.hold, retriesMax);
  const claim = ask(scope, { name: 'Claim', task: 'claim', target: tasks.claim, retriesMax });
  const reverse = ask(scope, { name: 'Reverse', task: 'reverse', target: tasks.reverse, retriesMax });
  const record = ask(scope, { name: 'Record', task: 'record', target: tasks.record, retriesMax });
  const grace = new Wait(scope, 'Grace', { time: WaitTime.secondsPath('$.graceSeconds') });
  const level = new Wait(scope, 'Level', { time: WaitTime.secondsPath('$.waitSeconds') });
  const askAgainLater = new Wait(scope, 'Ask', { time: WaitTime.secondsPath('$.waitSeconds') });
  const end = new Succeed(scope, 'Done');
  const lost = new Fail(scope, 'Lost', { error: 'UnknownStep', cause: 'A task answered a step that does not exist' });
  const decide = (name: string, steps: { readonly [next: string]: IChainable }) => {
    const choice = new Choice(scope, name);
    for (const [next, step] of Object.entries(steps)) choice.when(Condition.stringEquals('$.next', next), step);
    return choice.otherwise(lost);
  };
  grace.next(assess);
  assess.next(decide('Assessed', { hold, claim, level, end }));
  // The readers lag: the grace counts from when they are level.
  level.next(assess);
  // Who wakes it may be the system (a thaw): what a person should see is looked at again.
  hold.next(assess);
  claim.next(decide('Claimed', { reverse, hold, level, end }));
  reverse.next(decide('Reversed', { record, ask: askAgainLater, end }));
  askAgainLater.next(reverse);
  record.next(end);
  return new StateMachine(scope, 'Machine', {
    comment: 'One refund: never the last charge, never twice',
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromChainable(grace),
    tracingEnabled: true,
    logs: {
      // The name that AWS gives such groups keeps the account's policy for log delivery from growing with each one.
      destination: logGroup(
        scope,
        'MachineLogs',
        settings,
        `/aws/vendedlogs/states/Onecharge-${settings.stage}-refunds`,
      ),
      level: LogLevel.ERROR,
      includeExecutionData: false,
    },
  });
}

interface AskProps {
  readonly name: string;
  readonly task: RefundTask;
  readonly target: IFunction;
  readonly retriesMax: number;
}

function ask(scope: Construct, { name, task, target, retriesMax }: AskProps): LambdaInvoke {
  // Somewhat longer than the function may run, so that its own end is what is seen.
  const taskTimeout = Timeout.duration(Duration.seconds(REFUND_TASKS[task].timeoutSeconds + 10));
  return retried(
    new LambdaInvoke(scope, name, {
      lambdaFunction: target,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout,
    }),
    [...PLATFORM, Errors.TIMEOUT],
    retriesMax,
  );
}

/**
 * Waits until somebody answers with the token. Whatever the answer, the assessment then looks at the flag itself. It has
 * no timeout: what a flag may wait for is the flag's affair. AWS ends an execution after a year.
 */
function holdTask(scope: Construct, target: IFunction, retriesMax: number): LambdaInvoke {
  const hold = new LambdaInvoke(scope, 'Hold', {
    lambdaFunction: target,
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    // A path into the state fails where the state lacks it, and a hold has optional facts.
    payload: TaskInput.fromObject({ state: JsonPath.objectAt('$'), token: JsonPath.taskToken }),
    resultPath: JsonPath.DISCARD,
    retryOnServiceExceptions: false,
  });
  return retried(hold, PLATFORM, retriesMax);
}

/** A bug comes first, and is not retried: the execution fails, an alarm rings, and the sweep restarts it later. */
function retried(task: LambdaInvoke, platform: readonly string[], maxAttempts: number): LambdaInvoke {
  task.addRetry({ errors: [FAULT_NAMES.never], maxAttempts: 0 });
  const paced = { maxAttempts, backoffRate: BACKOFF_RATE, jitterStrategy: JitterType.FULL };
  const every = ({ firstSeconds }: typeof SOON) => ({
    ...paced,
    interval: Duration.seconds(firstSeconds),
    maxDelay: APART_MAX,
  });
  task.addRetry({ errors: [FAULT_NAMES.soon], ...every(SOON) });
  task.addRetry({ errors: [FAULT_NAMES.later, ...platform], ...every(LATER) });
  return task;
}
