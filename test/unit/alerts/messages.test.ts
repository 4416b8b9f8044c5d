import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Alert, alertSchema, attributesOf } from '../../../core/alerts/alert.ts';
import { emailSubject, emailText } from '../../../core/alerts/email.ts';
import { START_MS } from '../../fixtures/charges.ts';
import { wait } from '../../fixtures/flags.ts';
import { printed } from '../../fixtures/printed.ts';
import { thaw } from '../../fixtures/thaws.ts';
import { CaseHistory, range } from '../incidents/histories.ts';
import { newTown, passMinutes } from './town.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');

/** One alert of each kind, as the product says it. */
async function oneOfEachKind(): Promise<readonly Alert[]> {
  const town = newTown();
  const single = new CaseHistory({ n: 99, merchant: 'm_咖啡', currency: 'JPY' });
  single.change(0, { status: 'held', wait: wait({ waitsFor: ['budget'] }) }).change(0, { status: 'approved' });
  const asked = { sinceMs: START_MS };
  const limit = { waitsFor: ['limit'], facts: { limit: { limitMinor: 150 } } } as const;
  single.change(0, { status: 'held', wait: wait({ ...limit, asked }) });
  single.change(0, { wait: wait({ ...limit, asked: { ...asked, escalatedAtMs: START_MS } }) });
  single.change(0, { status: 'expired' }).change(0, { status: 'open', attempt: 1 });
  single.change(0, { status: 'refunding', refundMinor: 150 }).change(0, { contested: true });
  single.change(0, { unanswered: true }).change(0, { status: 'failed', failure: 'account closed' });
  single.change(0, { urgentSinceMs: town.nowMs() });
  single.change(0, { discrepancy: { what: 'differs', detail: 'by a cent', foundAtMs: town.nowMs() } });
  await town.work(single.changes);
  const short = { sinceMs: START_MS, why: 'ch_1 was voided or failed' };
  await town.work(new CaseHistory({ n: 97 }).refund(0).change(0, { short }).changes);
  const refundError = { by: 'ann', atMs: START_MS, reason: 'two coffees', evidence: 'receipt 7' };
  await town.work(new CaseHistory({ n: 98 }).refund(0).change(0, { status: 'refunded-in-error', refundError }).changes);
  for (const n of range(6)) await town.work(new CaseHistory({ n, atMs: town.nowMs() }).changes);
  await town.freezes.issue({ frozen: true, by: 'ann', reason: 'a bad release', atMs: town.nowMs() + 1 });
  await passMinutes(town, 1);
  await thaw({ by: 'ann', reason: 'repaired' }, town);
  await passMinutes(town, 40);
  const refusal = { source: '/processors/acme', reason: 'future', atMs: town.nowMs() } as const;
  await town.refusals.noteRefusals({ recordIds: ['r1', 'r2'], ...refusal });
  const of = { source: '/processors/acme', merchant: 'm_1', attestation: 'single-charge', order: 'o_1' } as const;
  await town.suspensions.suspend({ ...of, atMs: START_MS }, town.nowMs());
  await passMinutes(town, 2);
  return [...new Map(town.sent.map((alert) => [alert.kind, alert])).values()];
}

const alerts = await oneOfEachKind();

describe('the documented schema', () => {
  it('has an example of each kind', () => {
    expect(alerts.map(({ kind }) => kind).sort()).toEqual(
      alertSchema.options.map(({ shape }) => shape.kind.value).sort(),
    );
  });

  it.each(alerts)('is kept by $kind', (alert) => {
    expect(alertSchema.parse(alert)).toEqual(alert);
  });

  // After a change: `npx vitest run --project unit test/unit/alerts -u`, and a line in docs/alerts.md.
  it('is the one in the documentation', async () => {
    const schema = z.toJSONSchema(alertSchema, { io: 'input' });
    await expect(printed(schema)).toMatchFileSnapshot(join(DOCS, 'alert-v1.schema.json'));
  });

  it.each(alerts)('documents $kind in docs/alerts.md', ({ kind }) => {
    expect(readFileSync(join(DOCS, 'alerts.md'), 'utf8')).toContain(`\`${kind}\``);
  });
});

describe('the attributes that filter policies see', () => {
  it.each(alerts)('of $kind name its kind and severity, and what it is about', (alert) => {
    const attributes = attributesOf(alert);
    expect(attributes).toMatchObject({ kind: alert.kind, severity: alert.severity });
    if ('merchant' in alert && 'action' in alert) {
      const { merchant, currency, action } = alert;
      expect(attributes).toMatchObject({ merchant, currency, action });
    }
    for (const value of Object.values(attributes)) expect(value).not.toHaveLength(0);
  });
});

describe('the e-mail', () => {
  it.each(alerts)('of $kind has a subject that SNS takes', (alert) => {
    expect(emailSubject(alert)).toMatch(/^Onecharge: [\x20-\x7e]{1,88}$/);
  });

  it.each(alerts)('of $kind says it in English and in Chinese, with the link and the alert id', (alert) => {
    const [english = '', chinese = '', ...more] = emailText(alert).split(/\n-{40}\n/);
    expect(more).toEqual([]);
    expect(english).toMatch(/[a-z]{3}/);
    expect(chinese).toMatch(/[\u4e00-\u9fff]{2}/);
    for (const text of [english, chinese]) {
      expect(text).toContain(alert.alertId);
      if (alert.kind !== 'source-refused' && alert.kind !== 'attestation-suspended') expect(text).toContain(alert.link);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it.each(['hold.escalated', 'hold.expired'] as const)('of %s says each reason as a sentence', (kind) => {
    const held = alerts.find((alert) => alert.kind === kind);
    const [english, chinese] = (held ? emailText(held) : '').split(/\n-{40}\n/);
    expect(english).toContain('\nJPY 199 is above the limit of JPY 150.\n');
    expect(chinese).toContain('\nJPY 199 超过限额 JPY 150。\n');
    expect(held).toMatchObject({ reasons: [{ reason: 'limit', sentence: { en: expect.any(String) } }] });
  });

  it('of a refund says what it rested on', () => {
    const inError = alerts.find(({ kind }) => kind === 'refund.in-error');
    expect(inError && emailText(inError)).toContain(
      'The sources of both charges attested that an order is charged once.',
    );
    expect(inError).toMatchObject({ grounds: [{ ground: 'single-charge' }] });
  });

  it.each(['case.resolved', 'refund.unreconciled'] as const)('of %s says what each refund rested on', (kind) => {
    const about = alerts.find((alert) => alert.kind === kind);
    const grounds = [{ ground: 'single-charge', sentence: { en: expect.any(String), zh: expect.any(String) } }];
    expect(about).toMatchObject({ refunds: [{ reasons: [], grounds }] });
    const [english, chinese] = (about ? emailText(about) : '').split(/\n-{40}\n/);
    expect(english).toMatch(/^ch_\d+_0: The sources of both charges attested that an order is charged once\.$/m);
    expect(chinese).toMatch(/^ch_\d+_0: 两笔扣款的来源已声明每个订单只扣款一次。$/m);
  });

  it('of a new case has no refunds yet', () => {
    expect(alerts.find(({ kind }) => kind === 'case.opened')).not.toHaveProperty('refunds');
  });

  it.each(alerts)('and the message of $kind have no token of a payer or an instrument', (alert) => {
    expect(`${JSON.stringify(alert)}${emailText(alert)}`).not.toMatch(/\bp_\d|\btok_\d/);
  });

  it('writes money with the digits of its currency', () => {
    const failed = alerts.find(({ kind }) => kind === 'refund.failed');
    expect(failed && emailText(failed)).toContain('JPY 150');
    const resolved = alerts.find(({ kind }) => kind === 'case.resolved');
    expect(resolved && emailText(resolved)).toContain('CNY 1.98');
  });
});
