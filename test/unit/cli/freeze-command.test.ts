import { describe, expect, it } from 'vitest';
import { askOf, describeFreeze, describeThaw } from '../../../cli/commands/freeze-command.ts';
import { START_MS } from '../../fixtures/charges.ts';

const at = new Date(START_MS).toISOString();
const until = new Date(START_MS + 1).toISOString();
const order = { frozen: true, by: 'ann', reason: 'a bad release', at };
const ID = 'ab'.repeat(16);

describe('the message of a freeze', () => {
  it('says what stops and how to end it', () => {
    expect(describeFreeze(undefined, { changed: true, standing: order })).toBe(
      'Froze all refunds. Detection goes on, and new flags wait. End it with: onecharge thaw --reason TEXT',
    );
    expect(describeFreeze('m_1', { changed: true, standing: order })).toMatch(
      /^Froze the refunds of merchant m_1\. .*: onecharge thaw --merchant m_1 --reason TEXT$/,
    );
  });

  it('names the operator who froze first', () => {
    expect(describeFreeze(undefined, { changed: false, standing: order })).toBe(
      `No change: all refunds were frozen before, by ann at ${at}: a bad release.`,
    );
  });
});

describe('the message of a thaw', () => {
  const pending = { id: ID, by: 'ben', reason: 'rolled back', at, until };

  it('that is asked for names what it releases, and how another operator confirms it', () => {
    const releases = { refunds: 2, minorByCurrency: { CNY: 25_800, JPY: 300 }, isCut: true };
    const answer = { changed: false, standing: order, pending, releases };
    expect(describeThaw(undefined, answer).split('\n')).toEqual([
      `A thaw of all refunds waits for another operator, asked for by ben at ${at}: rolled back.`,
      expect.stringMatching(/^It releases at least 2 refunds: .*258\.00.*, .*300.*\.$/),
      `Another operator confirms it before ${until} with: onecharge thaw --confirm ${ID}`,
    ]);
    expect(describeThaw('m_1', { ...answer, releases: { ...releases, refunds: 0 } })).toContain(
      'It releases no refund that waits now.',
    );
  });

  it('names both operators', () => {
    const standing = { ...order, frozen: false, confirmedBy: 'ben' };
    expect(describeThaw(undefined, { changed: true, standing })).toBe(
      'Thawed all refunds. ann asked, and ben confirmed.',
    );
    expect(describeThaw(undefined, { changed: false })).toBe('No change: no freeze of all refunds stands.');
  });

  it('of one merchant names the freeze of all that still stands', () => {
    const stillFrozen = { by: 'ann', reason: 'a bad release', since: at };
    expect(describeThaw('m_1', { changed: true, stillFrozen })).toBe(
      `Thawed the refunds of merchant m_1. But all refunds are frozen, by ann at ${at}: a bad release. ` +
        'End that with: onecharge thaw --reason TEXT',
    );
  });
});

describe('the options of a thaw', () => {
  it('ask with a reason, or confirm a request', () => {
    const body = { merchant: 'm_1', reason: 'rolled back' };
    expect(askOf(body)).toEqual({ path: '/refunds/thaw', body });
    expect(askOf({ confirm: ID })).toEqual({ path: `/refunds/thaw/${ID}/confirm`, body: undefined });
  });

  it.each([{}, { reason: 'why', confirm: ID }, { confirm: ID, merchant: 'm_1' }, { confirm: 'me' }, { reason: ' ' }])(
    'refuse %j',
    (options) => {
      expect(() => askOf(options)).toThrow(/--confirm|--reason/);
    },
  );
});
