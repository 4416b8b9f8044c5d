import { beforeEach, describe, expect, it } from 'vitest';
import { withChanges } from '../../../core/cases/case.ts';
import type { Flag } from '../../../core/cases/flag.ts';
import { DAY, START_MS } from '../../fixtures/charges.ts';
import { configuration, digests } from '../../fixtures/configurations.ts';
import { type DetectionContext, detectionContext } from '../../fixtures/contexts.ts';
import { opened } from '../../fixtures/flags.ts';
import { listed, refundedFlag } from '../../fixtures/listed-refunds.ts';
import { type Asking, createDesk, queryContext } from './desk.ts';

const ACCOUNT = '123456789012';
const ANN: Asking = {
  signedBy: { accountId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:user/ann`, userId: 'AIDAANN' },
};
const BEN: Asking = {
  signedBy: { accountId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:user/ben`, userId: 'AIDABEN' },
};
const [NAMED_ANN, NAMED_BEN] = [`aws:${ACCOUNT}:user/AIDAANN`, `aws:${ACCOUNT}:user/AIDABEN`];

let context: DetectionContext;
let desk: ReturnType<typeof createDesk>;

beforeEach(() => {
  context = detectionContext(configuration());
  desk = createDesk(queryContext(context));
});

describe('the restoration of an attestation', () => {
  const of = { source: '/processors/wallet', merchant: 'm_1', attestation: 'single-charge' } as const;
  const restore = () => desk.post('/operator/attestations/restore', { ...of, reason: 'a wrong feed' }, ANN);

  it('ends its suspension once', async () => {
    await context.suspensions.suspend({ ...of, order: 'o_1', atMs: START_MS }, START_MS);
    expect((await restore()).body).toEqual({ changed: true });
    expect(await context.suspensions.allSuspensions()).toEqual([]);
    expect((await restore()).body).toEqual({ changed: false });
  });

  it('needs a reason and a known attestation', async () => {
    const wrong = [{ ...of }, { ...of, reason: ' ' }, { ...of, attestation: 'all', reason: 'why' }];
    for (const body of wrong) expect((await desk.post('/operator/attestations/restore', body, ANN)).status).toBe(400);
  });
});

describe('the refund report of a flag', () => {
  let flag: Flag;
  beforeEach(async () => {
    flag = { ...refundedFlag(1), id: 'a'.repeat(32), caseId: 'b'.repeat(32) } as Flag;
    await context.cases.commit(withChanges(undefined, [opened(flag)], digests));
  });

  const report = (refunds: readonly unknown[], id: string = flag.id) =>
    desk.post(`/operator/flags/${id}/reconcile`, { refunds }, ANN);
  const explain = (reason: string, asking: Asking = ANN) =>
    desk.post(`/operator/flags/${flag.id}/explain`, { reason }, asking);

  it('that lacks our refund marks the flag in the name of the operator, once', async () => {
    const { body } = await report([]);
    const difference = { what: 'not-listed', flagId: flag.id, caseId: flag.caseId, known: false };
    expect(body).toMatchObject({ resolved: false, difference });
    expect((await report([])).body).toMatchObject({ difference: { known: true } });
    expect((await context.cases.auditOf(flag.caseId)).at(-1)).toMatchObject({ actor: NAMED_ANN });
    const entries = await context.cases.auditOf(flag.caseId);
    expect(entries.filter(({ actor }) => actor === NAMED_ANN)).toHaveLength(1);
  });

  it('of another charge is no evidence on the flag', async () => {
    const { timeMs, ...other } = listed(refundedFlag(2));
    const time = new Date(timeMs).toISOString();
    expect(await report([{ ...other, time }])).toMatchObject({ status: 400, body: { code: 'input-invalid' } });
    const [after] = await context.cases.readFlags([flag.id]);
    expect(after?.discrepancy).toBeUndefined();
  });

  it('is explained by the operator who was first', async () => {
    expect((await explain('a void')).body).toEqual({ kind: 'nothing-to-explain' });
    await report([]);
    expect((await explain('a void')).body).toEqual({ kind: 'explained' });
    context.clock.nowMs += DAY;
    expect((await explain('in another list', BEN)).body).toMatchObject({
      kind: 'already-explained',
      first: { by: NAMED_ANN, reason: 'a void', caseId: flag.caseId },
    });
    expect(NAMED_BEN).not.toBe(NAMED_ANN);
  });

  it('of a flag that is not there explains nothing', async () => {
    const answer = await desk.post(`/operator/flags/${'0'.repeat(32)}/explain`, { reason: 'a void' }, ANN);
    expect(answer).toMatchObject({ status: 404, body: { code: 'flag-not-found' } });
  });
});

it('a raise of a cap that an operator asks for waits for another one', async () => {
  const caps = { capPerHourMinor: { merchant: { CNY: 1_000 }, total: { CNY: 5_000 } } };
  desk = createDesk(queryContext(detectionContext(configuration({ refunds: caps }))));
  const until = new Date(START_MS + DAY / 2).toISOString();
  const body = { currency: 'CNY', maxMinor: 9_000, until, reason: 'a sale' };
  const asked = await desk.post('/operator/caps/raise', body, ANN);
  expect(asked.body).toMatchObject({ effective: false, requested: { by: NAMED_ANN } });
  const confirm = (asking: Asking) => desk.post(`/operator/caps/raise/${asked.body.id}/confirm`, undefined, asking);
  expect(await confirm(ANN)).toMatchObject({ status: 403, body: { code: 'own-raise' } });
  expect((await confirm(BEN)).body).toMatchObject({ effective: true, confirmed: { by: NAMED_BEN } });
});
