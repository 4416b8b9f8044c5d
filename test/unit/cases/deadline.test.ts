import { describe, expect, it } from 'vitest';
import { addBankingDays, easterSunday, isBankingDay } from '../../../core/cases/banking-days.ts';
import { deadlineOf } from '../../../core/cases/deadline.ts';
import { ACME, BANK, DAY } from '../../fixtures/charges.ts';
import { configuration, REGISTRY, SOURCE } from '../../fixtures/configurations.ts';

/** As published: the earliest and latest possible dates, leap years, turns of centuries, and the years around now. */
const EASTERS = `
  1583-04-10 1598-03-22 1700-04-11 1761-03-22 1800-04-13 1818-03-22 1886-04-25 1900-04-15 1913-03-23
  1943-04-25 1954-04-18 1981-04-19 1999-04-04 2000-04-23 2008-03-23 2011-04-24 2019-04-21 2020-04-12
  2021-04-04 2022-04-17 2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01
  2030-04-21 2038-04-25 2049-04-18 2076-04-19 2100-03-28 2285-03-22 2299-04-16`
  .trim()
  .split(/\s+/);

const at = (text: string) => Date.parse(text);

describe('Easter Sunday', () => {
  it.each(EASTERS)('is on %s', (day) => {
    expect(new Date(easterSunday(Number(day.slice(0, 4)))).toISOString().slice(0, 10)).toBe(day);
  });

  it('is a Sunday from 22 March to 25 April in every year of four thousand', () => {
    for (let year = 1583; year < 5_583; year++) {
      const day = new Date(easterSunday(year));
      expect(day.getUTCDay()).toBe(0);
      const date = day.toISOString().slice(5, 10);
      expect(date >= '03-22' && date <= '04-25').toBe(true);
    }
  });
});

describe('the TARGET calendar', () => {
  it.each([
    ['New Year', '2025-01-01'],
    ['Good Friday', '2025-04-18'],
    ['Easter Monday', '2025-04-21'],
    ['Labour Day', '2025-05-01'],
    ['Christmas Day', '2025-12-25'],
    ['the day after it', '2025-12-26'],
    ['a Saturday', '2025-03-01'],
    ['a Sunday', '2025-03-02'],
  ])('is closed on %s', (_, day) => {
    for (const time of ['00:00:00Z', '12:00:00Z', '23:59:59.999Z'])
      expect(isBankingDay(at(`${day}T${time}`))).toBe(false);
  });

  it.each([
    ['the Thursday before Easter', '2025-04-17'],
    ['the Tuesday after it', '2025-04-22'],
    ['Ascension Day, though banks of some countries are closed', '2025-05-29'],
    ['24 December', '2025-12-24'],
    ['31 December', '2025-12-31'],
    ['2 January', '2026-01-02'],
  ])('is open on %s', (_, day) => {
    for (const time of ['00:00:00Z', '23:59:59.999Z']) expect(isBankingDay(at(`${day}T${time}`))).toBe(true);
  });

  it('has 255 or so days a year', () => {
    const days = (year: number) =>
      Array.from({ length: 365 }, (_, day) => Date.UTC(year, 0, 1) + day * DAY).filter(isBankingDay).length;
    expect([2023, 2025, 2026].map(days)).toEqual([255, 255, 256]);
  });
});

describe('ten banking days', () => {
  it.each([
    ['no holiday', '2025-03-03T09:30:00Z', '2025-03-17T09:30:00Z'],
    ['a charge on a Saturday', '2025-03-01T23:00:00Z', '2025-03-14T23:00:00Z'],
    ['Easter', '2025-04-14T08:00:00Z', '2025-04-30T08:00:00Z'],
    ['Easter and 1 May', '2025-04-17T08:00:00Z', '2025-05-06T08:00:00Z'],
    ['Christmas and New Year', '2025-12-19T08:00:00Z', '2026-01-07T08:00:00Z'],
  ])('over %s end on the tenth open day', (_, from, to) => {
    expect(new Date(addBankingDays(at(from), 10)).toISOString()).toBe(to.replace('Z', '.000Z'));
  });
});

describe('the deadline of a charge', () => {
  const scheme = (id: string) => configuration({ deadlines: { default: id } }).schemeOf(ACME);
  const charged = at('2024-11-11T01:12:03.120Z');

  it.each([
    ['visa', '12.6.1', '2025-03-11T01:12:03.120Z'],
    ['mastercard', '4834', '2025-02-09T01:12:03.120Z'],
    ['amex', 'P08', '2025-03-11T01:12:03.120Z'],
    ['sepa', 'DUPL', '2024-11-25T01:12:03.120Z'],
  ])('under %s, reason %s, is %s', (id, reason, deadline) => {
    expect(scheme(id).reason).toBe(reason);
    expect(new Date(deadlineOf(charged, scheme(id))).toISOString()).toBe(deadline);
  });

  it('goes by the scheme of its source, and by the default for all others', () => {
    const { schemeOf } = configuration({ sources: { ...REGISTRY, [BANK]: { ...SOURCE, scheme: 'sepa' } } });
    expect([BANK, ACME, '/left'].map((id) => schemeOf(id).id)).toEqual(['sepa', 'mastercard', 'mastercard']);
  });

  it('goes by a scheme of our own, beside the known ones or in the place of one', () => {
    const schemes = { jcb: { days: 45, reason: '536' }, visa: { days: 75, reason: '12.6.1' } };
    const sources = { ...REGISTRY, [BANK]: { ...SOURCE, scheme: 'visa' } };
    const { schemeOf } = configuration({ sources, deadlines: { schemes, default: 'jcb' } });
    expect([schemeOf(ACME).days, schemeOf(BANK).days]).toEqual([45, 75]);
  });
});
