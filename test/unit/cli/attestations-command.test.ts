import { expect, it } from 'vitest';
import {
  checkedRestoring,
  describeRestoration,
  describeSuspensions,
} from '../../../cli/commands/attestations-command.ts';
import { START_MS } from '../../fixtures/charges.ts';

const of = { source: '/processors/wallet', merchant: 'm_1', attestation: 'single-charge' } as const;
const at = new Date(START_MS).toISOString();

it('lists each suspension with its order', () => {
  expect(describeSuspensions([])).toBe('No attestation is suspended.');
  expect(describeSuspensions([{ ...of, order: 'o_7', atMs: START_MS, sinceMs: START_MS, isAlerted: true }])).toBe(
    `single-charge of /processors/wallet for merchant m_1: suspended since ${at} because of order o_7`,
  );
});

it('says what a restoration has changed', () => {
  expect(describeRestoration(of, true)).toBe(
    'Restored single-charge of /processors/wallet for merchant m_1. Refunds that wait go on waiting for an approver.',
  );
  expect(describeRestoration(of, false)).toBe(
    'No change: single-charge of /processors/wallet for merchant m_1 is not suspended.',
  );
});

it('takes no blank reason', () => {
  expect(() => checkedRestoring({ ...of, reason: ' ' })).toThrow('--reason');
  expect(checkedRestoring({ ...of, reason: ' a wrong feed ' })).toMatchObject({ reason: 'a wrong feed' });
});
