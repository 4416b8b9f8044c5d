import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../core/configuration/configuration.ts';
import { ACME, BANK, WALLET } from '../../fixtures/charges.ts';
import {
  configuration,
  configurationJson,
  RAPID_REPEAT,
  SAME_ORDER,
  SOURCE,
  UNATTESTED,
} from '../../fixtures/configurations.ts';

type Entry = Readonly<Record<string, unknown>>;

function problemsOf(shows: Entry): readonly string[] {
  const parsed = parseConfiguration(configurationJson(shows));
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

const withEntry = (entry: Entry) => ({ sources: { [WALLET]: { ...UNATTESTED, ...entry } } });
const at = (field: string) => `sources.${WALLET}.${field}: `;

const STRIPE = { gateway: { kind: 'stripe', secret: 'processors/stripe' }, currencies: ['CNY', 'JPY'] };
const BOUND = { CNY: 100_00, JPY: 5_000 };
const BOUNDS = {
  limitMinor: BOUND,
  budgetPerHourMinor: { total: BOUND },
  capPerHourMinor: { total: BOUND },
  twoPeopleAboveMinor: BOUND,
  approverPerHourMinor: BOUND,
};

describe('the source registry', () => {
  it('is required and names at least one source', () => {
    const { sources: _, ...without } = configurationJson() as Entry;
    const parsed = parseConfiguration(without);
    expect(parsed).toEqual({ kind: 'invalid', problems: [expect.stringContaining('sources: is required')] });
    expect(problemsOf({ sources: {} })).toEqual(['sources: must name at least one source (docs/sources.md)']);
  });

  it('knows what is registered and nothing else', () => {
    const { sourceOf } = configuration();
    expect([WALLET, '/left', '__proto__', 'constructor'].map((id) => sourceOf(id)?.id)).toEqual([
      WALLET,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('lets a source send charge events only, unless it lists more', () => {
    const { tells: _, ...entry } = SOURCE;
    const { sourceOf } = configuration({ sources: { [WALLET]: entry, [BANK]: SOURCE } });
    expect(sourceOf(WALLET)?.tells.has('charge.refunded')).toBe(true);
    expect(sourceOf(WALLET)?.tells.has('order.closed')).toBe(false);
    expect(sourceOf(BANK)?.tells.has('order.closed')).toBe(true);
  });

  it('puts sources of one namespace together and each other source into its own', () => {
    const shared = { ...SOURCE, namespace: '/c' };
    const { namespaceOf } = configuration({ sources: { '/a': shared, '/b': shared, '/c': SOURCE } });
    expect(namespaceOf('/a')).toBe(namespaceOf('/b'));
    expect(new Set(['/a', '/c', '/left'].map(namespaceOf)).size).toBe(3);
  });

  it.each([
    ['no merchants', { merchants: undefined }, [at('merchants') + MERCHANTS]],
    ['an empty list of merchants', { merchants: [] }, [at('merchants') + MERCHANTS]],
    ['a type that does not exist', { tells: ['charge.lost'] }, [expect.stringContaining(at('tells.0'))]],
    [
      'an unknown attestation',
      { attests: ['truth'] },
      [expect.stringContaining('"single-charge"|"totals"|"closings"')],
    ],
    ['an unknown difference', { copies: ['other-amount'] }, [expect.stringContaining('"other-payer"')]],
    ['a currency that does not exist', { currencies: ['yuan'] }, [expect.stringContaining('ISO 4217')]],
    [
      'an unknown scheme',
      { scheme: 'barter' },
      [`${at('scheme')}no such scheme; there are visa, mastercard, amex, sepa`],
    ],
    [
      'a format that is no pattern',
      { tokens: { payer: '^(' + '$' } },
      [`${at('tokens.payer')}must be a regular expression`],
    ],
    [
      'a format whose end is escaped',
      { tokens: { payer: '^4\\$' } },
      [`${at('tokens.payer')}must be a regular expression`],
    ],
    ['a format of a part', { tokens: { payer: '4' } }, [expect.stringContaining('must begin with ^ and end with $')]],
    ['an unknown way of signing', { signing: 'maybe' }, [expect.stringContaining('"required"|"stream"')]],
  ])('refuses %s and says what is allowed', (_, entry, problems) => {
    expect(problemsOf(withEntry(entry))).toEqual(problems);
  });
});

const MERCHANTS = 'must be a list of merchants, or "all": of whom the source may speak';

describe('the detectors of a source', () => {
  it('only monitor where no gateway can return the money, whatever a merchant says', () => {
    const { gateway: _, ...entry } = SOURCE;
    const merchants = { m_2: { detectors: { 'same-order': { action: 'refund' } } } };
    const { detectorsFor } = configuration({ sources: { [WALLET]: SOURCE, [BANK]: entry }, merchants });
    const actionsOf = (source: string, merchant: string) =>
      detectorsFor({ source, merchant }).map(({ action }) => action);
    expect(actionsOf(WALLET, 'm_2')).toEqual(['refund', 'review']);
    expect(actionsOf(BANK, 'm_1')).toEqual(['monitor', 'monitor']);
    expect(actionsOf(BANK, 'm_2')).toEqual(['monitor', 'monitor']);
  });

  it('are none for a source that is not registered', () => {
    const { detectorsFor, detectorFor } = configuration();
    const subject = { source: '/left', merchant: 'm_1' };
    expect([detectorsFor(subject), detectorFor('same-order', subject)]).toEqual([[], undefined]);
  });

  it('leave out those of less than a day where the times are dates', () => {
    const { detectorsFor, detectorFor } = configuration({
      sources: { [WALLET]: { ...SOURCE, precision: 'day' }, [ACME]: SOURCE },
      detectors: [{ ...SAME_ORDER, window: '24h' }, RAPID_REPEAT],
      merchants: { m_2: { detectors: { 'rapid-repeat': { window: '24h' } } } },
    });
    const idsOf = (source: string, merchant: string) => detectorsFor({ source, merchant }).map(({ id }) => id);
    expect(idsOf(ACME, 'm_1')).toEqual(['same-order', 'rapid-repeat']);
    expect(idsOf(WALLET, 'm_1')).toEqual(['same-order']);
    expect(idsOf(WALLET, 'm_2')).toEqual(['same-order', 'rapid-repeat']);
    expect(detectorFor('rapid-repeat', { source: WALLET, merchant: 'm_1' })).toBeUndefined();
  });

  it('are refused where dates leave none of them', () => {
    expect(problemsOf({ ...withEntry({ precision: 'day' }), detectors: [RAPID_REPEAT] })).toEqual([
      `${at('precision')}"day" leaves the source without a detector: none has a window of 24h`,
    ]);
  });
});

describe('a merchant of a source whose times are dates', () => {
  const shortened = (merchants: unknown) => ({
    ...withEntry({ precision: 'day', merchants }),
    detectors: [{ ...SAME_ORDER, window: '24h' }, RAPID_REPEAT],
    merchants: { m_2: { detectors: { 'same-order': { window: '12h' } } } },
  });

  it('is refused where its windows leave no detector', () => {
    expect(problemsOf(shortened('all'))).toEqual([
      `merchants.m_2.detectors: leave sources.${WALLET} without a detector: its precision is "day", and none has a window of 24h`,
    ]);
  });

  it('may have any windows where the source does not speak of it', () => {
    expect(problemsOf(shortened(['m_1']))).toEqual([]);
  });
});

describe('a real gateway', () => {
  it('is accepted beside its currencies and every bound in each of them', () => {
    expect(problemsOf({ ...withEntry(STRIPE), refunds: BOUNDS })).toEqual([]);
  });

  it('is refused without currencies', () => {
    expect(problemsOf({ ...withEntry({ ...STRIPE, currencies: undefined }), refunds: BOUNDS })).toEqual([
      `${at('currencies')}is required beside the gateway "stripe"`,
    ]);
  });

  it.each([
    ['limitMinor', { ...BOUNDS, limitMinor: { CNY: 1 } }],
    ['budgetPerHourMinor.total', { ...BOUNDS, budgetPerHourMinor: { total: { CNY: 1 }, merchant: BOUND } }],
    ['capPerHourMinor.total', { ...BOUNDS, capPerHourMinor: { total: { CNY: 100_00 }, merchant: BOUND } }],
    ['twoPeopleAboveMinor', { ...BOUNDS, twoPeopleAboveMinor: { CNY: 1 } }],
    ['approverPerHourMinor', { ...BOUNDS, approverPerHourMinor: { CNY: 1 } }],
  ])('is refused where %s lacks one of its currencies', (name, refunds) => {
    expect(problemsOf({ ...withEntry(STRIPE), refunds })).toEqual([
      `refunds.${name}: must name JPY: sources.${WALLET} refunds it for real`,
    ]);
  });

  it('is refused beside attestations for all merchants, and accepted beside a list of them', () => {
    const attested = { ...STRIPE, attests: ['single-charge'], refundedPerDayMax: BOUND };
    expect(problemsOf({ ...withEntry(attested), refunds: BOUNDS })).toEqual([
      `${at('merchants')}"all" beside "attests" and a real gateway needs "signing": "required"; ` +
        'sign the events, or list the merchants for which the statements hold',
    ]);
    expect(problemsOf({ ...withEntry({ ...attested, signing: 'required' }), refunds: BOUNDS })).toEqual([]);
    expect(problemsOf({ ...withEntry({ ...attested, merchants: ['m_1', 'm_2'] }), refunds: BOUNDS })).toEqual([]);
    expect(problemsOf(withEntry({ attests: ['single-charge'] }))).toEqual([]);
  });

  it('is refused where what attests bounds its first week in no currency, or not in each', () => {
    const attested = { ...STRIPE, signing: 'required', attests: ['totals'] };
    const missing = (currency: string) =>
      `${at('refundedPerDayMax')}must name ${currency}: a new attestation refunds it for real`;
    expect(problemsOf({ ...withEntry(attested), refunds: BOUNDS })).toEqual(['CNY', 'JPY'].map(missing));
    const half = { ...attested, refundedPerDayMax: { CNY: 1 } };
    expect(problemsOf({ ...withEntry(half), refunds: BOUNDS })).toEqual([missing('JPY')]);
  });

  it('is refused beside history: judge, by the name of its source', () => {
    expect(problemsOf({ ...withEntry(STRIPE), refunds: BOUNDS, history: 'judge' })).toEqual([
      `history: "judge" is for the sandbox gateway alone, but sources.${WALLET}.gateway is "stripe"`,
    ]);
    expect(problemsOf({ history: 'judge' })).toEqual([]);
  });

  it.each(['required', 'stream'])('is refused without hourly caps where signing is "%s"', (signing) => {
    const capless = { ...BOUNDS, budgetPerHourMinor: { total: {} } };
    expect(problemsOf({ ...withEntry({ ...STRIPE, signing }), refunds: capless })).toEqual(
      ['CNY', 'JPY'].map(
        (currency) => `refunds.budgetPerHourMinor.total: must name ${currency}: sources.${WALLET} refunds it for real`,
      ),
    );
  });
});

describe('the signing of a source', () => {
  it('is required where the registry leaves it out', () => {
    const signingOf = (signing: unknown) =>
      configuration({ sources: { [WALLET]: { ...SOURCE, signing } } }).sourceOf(WALLET)?.signing;
    expect([signingOf(undefined), signingOf('stream')]).toEqual(['required', 'stream']);
  });

  it('is refused beside history: judge where no sandbox returns the money', () => {
    const signed = { ...withEntry({ signing: 'required', gateway: undefined }), history: 'judge' };
    expect(problemsOf(signed)).toEqual([expect.stringMatching(/^history: "judge" is for the sandbox gateway alone/)]);
    expect(problemsOf({ ...signed, history: 'hold' })).toEqual([]);
    expect(problemsOf({ ...withEntry({ signing: 'required' }), history: 'judge' })).toEqual([]);
  });
});

it('is refused where the budget of automatic refunds is above the cap of all', () => {
  const refunds = { budgetPerHourMinor: { merchant: { CNY: 3 }, total: { CNY: 8, JPY: 9 } } };
  const caps = { capPerHourMinor: { merchant: { CNY: 2 }, total: { CNY: 8, JPY: 8 } } };
  expect(problemsOf({ refunds: { ...refunds, ...caps } })).toEqual([
    'refunds.budgetPerHourMinor.merchant.CNY: is above refunds.capPerHourMinor.merchant.CNY',
    'refunds.budgetPerHourMinor.total.JPY: is above refunds.capPerHourMinor.total.JPY',
  ]);
});

describe('a detector that refunds', () => {
  const keyed = (key: readonly string[], action: string) => ({ detectors: [{ ...RAPID_REPEAT, key, action }] });
  const REASON =
    'detectors.0.key: must have "order", or "payer", "amount" and "currency", where the action is "refund": ' +
    'charges that share less are no evidence of a duplicate';

  it.each([[['merchant', 'amount', 'currency']], [['payer', 'merchant']], [['payer', 'amount']]])(
    'is refused with the key %j',
    (key) => {
      expect(problemsOf(keyed(key, 'refund'))).toEqual([REASON]);
      expect(problemsOf(keyed(key, 'review'))).toEqual([]);
    },
  );

  it('is refused where it refunds for one merchant alone', () => {
    const merchants = { m_2: { detectors: { 'rapid-repeat': { action: 'refund' } } } };
    expect(problemsOf({ ...keyed(['payer', 'merchant'], 'monitor'), merchants })).toEqual([REASON]);
  });

  it.each([[['merchant', 'order']], [['payer', 'amount', 'currency']]])('may have the key %j', (key) => {
    expect(problemsOf({ detectors: [{ ...SAME_ORDER, orders: false, same: [], key }] })).toEqual([]);
  });
});

describe('a configuration of version 1', () => {
  it('is refused with one problem for each part and what takes its place', () => {
    const old = {
      namespaces: { double11: [WALLET] },
      refunds: { gateways: { default: 'sandbox' } },
      deadlines: { sources: { [WALLET]: 'visa' } },
    };
    expect(problemsOf(old)).toEqual([
      'namespaces: belongs to version 1; name the namespace of each source in "sources" (docs/sources.md)',
      'refunds.gateways: belongs to version 1; name the gateway of each source in "sources"; ' +
        'no source has one by default (docs/sources.md)',
      'deadlines.sources: belongs to version 1; name the scheme of each source in "sources" (docs/sources.md)',
    ]);
  });
});
