import { describe, expectTypeOf, it } from 'vitest';
import {
  asCaseId,
  asFlagId,
  type CaseId,
  type Fingerprint,
  type FlagId,
  flagIdSchema,
  type IncidentId,
  type JobId,
  type Minor,
  type Ms,
  minorSchema,
  msSchema,
} from '../../core/brands.ts';
import type { Case } from '../../core/cases/case.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import type { Flag } from '../../core/cases/flag.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type { IncidentStore } from '../../core/incidents/incident-store.ts';
import type { JobStore } from '../../core/jobs/job-store.ts';
import type { Attempt } from '../../core/refunds/attempt.ts';
import type { Allocation } from '../../core/refunds/budgets.ts';
import type { Workflows } from '../../core/refunds/workflows.ts';

type First<Call extends (...args: never) => unknown> = Parameters<Call>[0];

/** The compiler checks this file: an expectation below that does not hold is an error of `tsc`. */
describe('an id', () => {
  it('is of one kind: none of another kind takes its place', () => {
    expectTypeOf<CaseId>().not.toExtend<FlagId>();
    expectTypeOf<FlagId>().not.toExtend<CaseId>();
    expectTypeOf<JobId>().not.toExtend<IncidentId>();
    expectTypeOf<Fingerprint>().not.toExtend<FlagId>();
    // @ts-expect-error a case id where a flag id is wanted
    const attempt: Attempt = { flagId: asCaseId('c'), attempt: 0 };
    expectTypeOf(attempt).toEqualTypeOf<Attempt>();
  });

  it('is not any text, and is one wherever a text is wanted', () => {
    expectTypeOf<string>().not.toExtend<FlagId>();
    expectTypeOf<'f_1'>().not.toExtend<FlagId>();
    expectTypeOf<FlagId>().toExtend<string>();
    // @ts-expect-error a text that no parser has read
    const id: FlagId = '0'.repeat(32);
    expectTypeOf(id).toEqualTypeOf<FlagId>();
  });

  it('comes out of its parser and of the function that makes it', () => {
    expectTypeOf(flagIdSchema.parse('f')).toEqualTypeOf<FlagId>();
    expectTypeOf(asFlagId('f')).toEqualTypeOf<FlagId>();
  });

  it('is what the ports ask for', () => {
    expectTypeOf<First<CaseStore['readFlags']>>().toEqualTypeOf<readonly FlagId[]>();
    expectTypeOf<First<CaseStore['readCase']>>().toEqualTypeOf<CaseId>();
    expectTypeOf<First<CaseStore['flagsOf']>>().toEqualTypeOf<CaseId>();
    expectTypeOf<First<WindowStore['readWindows']>>().toEqualTypeOf<readonly Fingerprint[]>();
    expectTypeOf<First<IncidentStore['readIncident']>>().toEqualTypeOf<IncidentId>();
    expectTypeOf<First<JobStore['readJob']>>().toEqualTypeOf<JobId>();
    expectTypeOf<First<Workflows['start']>['flagId']>().toEqualTypeOf<FlagId>();
  });
});

describe('a number with a unit', () => {
  it('is never one with another unit', () => {
    expectTypeOf<Ms>().not.toExtend<Minor>();
    expectTypeOf<Minor>().not.toExtend<Ms>();
    const timeMs: Ms = 1_000;
    // @ts-expect-error milliseconds where minor units are wanted
    const amountMinor: Minor = timeMs;
    expectTypeOf(amountMinor).toExtend<number>();
  });

  it('comes from any plain number: a literal, a sum, a parser', () => {
    expectTypeOf<number>().toExtend<Ms>();
    expectTypeOf<number>().toExtend<Minor>();
    expectTypeOf(msSchema.parse(1)).toEqualTypeOf<Ms>();
    expectTypeOf(minorSchema.parse(1)).toEqualTypeOf<Minor>();
  });

  it('is what records and ports have', () => {
    expectTypeOf<Flag['timeMs']>().toEqualTypeOf<Ms>();
    expectTypeOf<Flag['charge']['amountMinor']>().toEqualTypeOf<Minor>();
    expectTypeOf<Case['refundedMinor']>().toEqualTypeOf<Minor>();
    expectTypeOf<Allocation['refundMinor']>().toEqualTypeOf<Minor>();
  });
});
