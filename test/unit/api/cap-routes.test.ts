import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../fixtures/charges.ts';
import { configuration } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../../fixtures/contexts.ts';
import { type Asking, createDesk, queryContext } from './desk.ts';

const ANN = { by: 'ann', groups: '[approver]' };
const BOB = { by: 'bob', groups: '[approver]' };
const CAPS = { merchant: { CNY: 60 }, total: { CNY: 100 } };

let context: DetectionContext;
let desk: ReturnType<typeof createDesk>;
let noted: number;

beforeEach(() => {
  context = detectionContext(configuration({ refunds: { capPerHourMinor: CAPS } }));
  noted = 0;
  const noteCapRaise = () => {
    noted += 1;
  };
  desk = createDesk({ ...queryContext(context), noteCapRaise });
});

const body = (shows: object = {}) => {
  const until = new Date(context.nowMs() + HOUR).toISOString();
  return { currency: 'CNY', maxMinor: 300, until, reason: 'a real outage', ...shows };
};
const ask = (shows: object = {}, asking: Asking = ANN) => desk.post('/caps/raise', body(shows), asking);
const confirm = (id: string, asking: Asking) => desk.ask('POST', `/caps/raise/${id}/confirm`, asking);

describe('a raise of a cap through the API', () => {
  it('is effective after a second approver, shows with the caps, and ends automatically', async () => {
    expect((await desk.get('/caps')).body).toEqual({ capPerHourMinor: CAPS, raises: [] });
    const asked = await ask();
    expect(asked).toMatchObject({ status: 200, body: { maxMinor: 300, requested: { by: 'ann' }, effective: false } });
    const { id } = asked.body;
    expect(await confirm(id, BOB)).toMatchObject({ status: 200, body: { confirmed: { by: 'bob' }, effective: true } });
    expect((await desk.get('/caps')).body.raises).toMatchObject([{ id, effective: true }]);
    context.clock.nowMs += HOUR;
    expect((await desk.get('/caps')).body.raises).toEqual([]);
  });

  it('notifies operators of the request and of the confirmation', async () => {
    await confirm((await ask()).body.id, BOB);
    expect(noted).toBe(2);
  });

  it('is refused to the approver who asked for it, and to viewers', async () => {
    const { id } = (await ask()).body;
    expect(await confirm(id, ANN)).toMatchObject({ status: 403, body: { code: 'own-raise' } });
    const viewer = { by: 'cid', groups: '[viewer]' };
    expect([(await ask({}, viewer)).status, (await confirm(id, viewer)).status]).toEqual([403, 403]);
    expect(noted).toBe(1);
  });

  it.each<[string, object]>([
    ['a currency without a cap', { currency: 'JPY' }],
    ['no more than the cap', { maxMinor: 100 }],
    ['more than ten times the cap', { maxMinor: 1_001 }],
    ['a merchant without a cap in the currency', { merchant: 'm_1', currency: 'JPY' }],
  ])('is refused for %s', async (_, shows) => {
    expect(await ask(shows)).toMatchObject({ status: 409, body: { code: 'raise-refused' } });
  });

  it.each<[string, object]>([
    ['no reason', { reason: ' ' }],
    ['a time that is none', { until: 'soon' }],
    ['a currency that is none', { currency: 'yuan' }],
    ['half a minor unit', { maxMinor: 0.5 }],
  ])('is not understood with %s', async (_, shows) => {
    expect(await ask(shows)).toMatchObject({ status: 400 });
  });

  it('that has ended cannot be confirmed', async () => {
    const { id } = (await ask()).body;
    context.clock.nowMs += HOUR + MINUTE;
    expect(await confirm(id, BOB)).toMatchObject({ status: 404, body: { code: 'raise-not-found' } });
  });
});
