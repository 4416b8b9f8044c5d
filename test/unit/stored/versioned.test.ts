import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Fault } from '../../../core/fault.ts';
import { jsonOf, versionedCodec } from '../../../core/versioned.ts';

const codec = versionedCodec('parcel', z.strictObject({ id: z.string(), weightGrams: z.int() }), [
  ({ id, weightKilograms }) => ({ id, weightGrams: Number(weightKilograms) * 1_000 }),
  ({ id, weightGrams }) => ({ id: `parcel-${id}`, weightGrams }),
]);

describe('a versioned codec', () => {
  it('writes the current schema version beside the members', () => {
    expect(codec.encode({ id: 'parcel-1', weightGrams: 500 })).toEqual({
      id: 'parcel-1',
      weightGrams: 500,
      schemaVersion: 3,
    });
  });

  it('reads what it writes', () => {
    const parcel = { id: 'parcel-1', weightGrams: 500 };
    expect(codec.decode(codec.encode(parcel), 'parcel-1')).toEqual(parcel);
  });

  it('takes a record without a version for version 1 and brings it up step by step', () => {
    expect(codec.decode({ id: '1', weightKilograms: 2 }, '1')).toEqual({ id: 'parcel-1', weightGrams: 2_000 });
  });

  it('starts the steps at the version of the record', () => {
    const stored = { schemaVersion: 2, id: '1', weightGrams: 700 };
    expect(codec.decode(stored, '1')).toEqual({ id: 'parcel-1', weightGrams: 700 });
  });

  it('refuses a newer version and asks for the newer code', () => {
    const stored = { schemaVersion: 4, id: 'parcel-1', weightGrams: 500 };
    expect(() => codec.decode(stored, 'parcel-1')).toThrow(
      'parcel parcel-1 has schema version 4; this code reads versions up to 3: deploy the newer code',
    );
  });

  it('has a newer version retried, for a deployment replaces functions one after another', () => {
    const fault = faultOf(() => codec.decode({ schemaVersion: 4 }, 'parcel-1'));
    expect(fault).toMatchObject({ code: 'newer-version', retry: 'later' });
  });

  it.each([0, -1, 1.5, '2', null])('refuses %j as a version', (schemaVersion) => {
    expect(() => codec.decode({ schemaVersion, id: 'parcel-1' }, 'parcel-1')).toThrow(/no positive integer/);
  });

  it.each([undefined, null, 'text', 7, [{}]])('refuses %j, which is no record', (stored) => {
    expect(() => codec.decode(stored, 'parcel-1')).toThrow('parcel parcel-1 is not a record of named members');
  });

  it('names the record and the broken member, and repeats no value', () => {
    const stored = { schemaVersion: 3, id: 'parcel-1', weightGrams: 'secret' };
    expect(() => codec.decode(stored, 'parcel-1')).toThrow(
      /^parcel parcel-1 cannot be read: weightGrams: invalid_type$/,
    );
  });

  it('refuses a member that the schema does not know', () => {
    const stored = { schemaVersion: 3, id: 'parcel-1', weightGrams: 1, colour: 'red' };
    expect(() => codec.decode(stored, 'parcel-1')).toThrow(/unrecognized_keys/);
  });

  it('fails with a code, and with the word that a repetition does not help', () => {
    const fault = faultOf(() => codec.decode(7, 'parcel-1'));
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'unreadable-item', retry: 'never' });
  });
});

it('text that is no JSON is unreadable, and its content stays out of the message', () => {
  const fault = faultOf(() => jsonOf('{"payer": "p_1"', 'charge window', 'w_1'));
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ message: 'charge window w_1 is not JSON' });
});

function faultOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
