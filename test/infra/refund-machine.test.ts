import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { FAULT_NAMES } from '../../core/fault.ts';
import { TRANSITIONS_PER_REFUND } from '../../lib/pacing.ts';
import { nameOf } from './granted.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const state = z.object({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  End: z.boolean().optional(),
  Resource: z.string().optional(),
  Parameters: z.unknown().optional(),
  ResultPath: z.unknown().optional(),
  TimeoutSeconds: z.number().optional(),
  SecondsPath: z.string().optional(),
  Choices: z.array(z.object({ Variable: z.string(), StringEquals: z.string(), Next: z.string() })).optional(),
  Retry: z
    .array(
      z.object({
        ErrorEquals: z.array(z.string()),
        MaxAttempts: z.number(),
        IntervalSeconds: z.number().optional(),
        MaxDelaySeconds: z.number().optional(),
        JitterStrategy: z.string().optional(),
      }),
    )
    .optional(),
});
const machine = z.object({
  StartAt: z.string(),
  TimeoutSeconds: z.number().optional(),
  States: z.record(z.string(), state),
});

const [, resource] = resourcesOf(synthesize('prod'), 'AWS::StepFunctions::StateMachine')[0] ?? [];
const { StartAt, TimeoutSeconds, States } = machine.parse(JSON.parse(nameOf(resource?.Properties.DefinitionString)));
const tasks = Object.entries(States).filter(([, { Type }]) => Type === 'Task');
const stepsAfter = (choice: string) =>
  Object.fromEntries((States[choice]?.Choices ?? []).map(({ StringEquals, Next }) => [StringEquals, Next]));

/** Names of the states that are passed when tasks answer so, one after the other. */
function passed(...answers: readonly string[]): readonly string[] {
  const names: string[] = [];
  let name: string | undefined = StartAt;
  const left = [...answers];
  while (name !== undefined) {
    names.push(name);
    const { Type, Next, Choices } = state.parse(States[name]);
    const answer: string | undefined = Type === 'Choice' ? left.shift() : undefined;
    name = Type === 'Choice' ? Choices?.find(({ StringEquals }) => StringEquals === answer)?.Next : Next;
  }
  return names;
}

describe('the refund workflow', () => {
  it('takes as many transitions as starts are paced for, also through a hold', () => {
    const common = passed('claim', 'reverse', 'record');
    expect(common).toEqual([
      'Grace',
      'Assess',
      'Assessed',
      'Claim',
      'Claimed',
      'Reverse',
      'Reversed',
      'Record',
      'Done',
    ]);
    expect(passed('hold', 'claim', 'reverse', 'record')).toHaveLength(TRANSITIONS_PER_REFUND);
  });

  it('is a Standard one: exactly one execution of a name', () => {
    expect(resource?.Properties.StateMachineType).toBe('STANDARD');
  });

  it('waits out the grace period before it looks', () => {
    expect(StartAt).toBe('Grace');
    expect(States.Grace).toMatchObject({ Type: 'Wait', SecondsPath: '$.graceSeconds', Next: 'Assess' });
  });

  it.each([
    ['Assess', 'Assessed', { hold: 'Hold', claim: 'Claim', level: 'Level', end: 'Done' }],
    ['Claim', 'Claimed', { reverse: 'Reverse', hold: 'Hold', level: 'Level', end: 'Done' }],
    ['Reverse', 'Reversed', { record: 'Record', ask: 'Ask', end: 'Done' }],
  ])('%s goes where its answer says', (task, choice, steps) => {
    expect(States[task]?.Next).toBe(choice);
    expect(stepsAfter(choice)).toEqual(steps);
    expect(States[choice]?.Default).toBe('Lost');
  });

  it('waits for nothing between the claim and the call of the gateway', () => {
    expect(States[stepsAfter('Claimed').reverse ?? '']?.Type).toBe('Task');
  });

  it('asks again after the wait that the answer names', () => {
    expect(States.Ask).toMatchObject({ Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Reverse' });
  });

  it('holds with a token, whose answer does not replace the state', () => {
    expect(States.Hold).toMatchObject({
      Resource: expect.stringMatching(/:states:::lambda:invoke\.waitForTaskToken$/),
      Next: 'Assess',
      ResultPath: null,
      Parameters: {
        Payload: { 'state.$': '$', 'token.$': '$$.Task.Token' },
      },
    });
  });

  it('lets a hold wait for people as long as they need', () => {
    expect(States.Hold?.TimeoutSeconds).toBeUndefined();
    expect(TimeoutSeconds).toBeUndefined();
  });

  it.each(tasks)(
    '%s is retried after what may pass, with bounds and full jitter',
    (name, { Retry, TimeoutSeconds }) => {
      const [bugs, soon, later] = Retry ?? [];
      expect(Retry).toHaveLength(3);
      expect(bugs).toEqual({ ErrorEquals: ['Bug'], MaxAttempts: 0 });
      expect(soon).toMatchObject({
        ErrorEquals: ['RetrySoon'],
        JitterStrategy: 'FULL',
        MaxAttempts: 40,
        MaxDelaySeconds: 900,
      });
      expect(later).toMatchObject({ JitterStrategy: 'FULL', MaxAttempts: 40, MaxDelaySeconds: 900 });
      expect(later?.ErrorEquals).toEqual(
        expect.arrayContaining(['RetryLater', 'Lambda.TooManyRequestsException', 'States.TaskFailed']),
      );
      if (name !== 'Hold') expect(TimeoutSeconds).toBeGreaterThan(0);
    },
  );

  it.each(Object.entries(FAULT_NAMES))(
    'a fault to retry %s has the name %s, which the first fitting rule finds',
    (retry, name) => {
      for (const [, { Retry = [] }] of tasks) {
        const rule = Retry.find(
          ({ ErrorEquals }) => ErrorEquals.includes(name) || ErrorEquals.includes('States.TaskFailed'),
        );
        expect(rule?.ErrorEquals).toContain(name);
        expect(rule?.MaxAttempts === 0).toBe(retry === 'never');
      }
    },
  );
});
