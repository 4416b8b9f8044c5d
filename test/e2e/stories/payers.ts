import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { createLinkKey } from '../../../adapters/crypto/link-key.ts';
import { DAY_MS } from '../../../core/clock-units.ts';
import { makePayerLink } from '../../../core/queries/payer-link.ts';
import { onecharge } from '../commands.ts';
import type { Deployed } from '../deployed.ts';
import { eventually } from '../eventually.ts';
import { nobody, signIn } from '../people.ts';
import { captured, newStory } from '../story.ts';

export function payerStories(world: () => Deployed): void {
  test('two people who paid one order are each shown their own charge, by a desk and by a link', async () => {
    const { stack, book, put, untilFlag } = world();
    const desk = await signIn(stack, 'viewer');
    const story = newStory();
    const [first, second] = [`${story.payer}_first`, `${story.payer}_second`];
    const [original, duplicate] = [story.charge('1', { payer: first }), story.charge('2', { payer: second })];
    // Two payers' events come from two shards, in any order: here the order matters to the test.
    await book(original, duplicate);
    await put([captured(original), captured(duplicate)], story.payer);
    await untilFlag(duplicate, 'refunded');

    const order = `/payers/status?merchant=${story.merchant}&order=${story.order}`;
    expect(await nobody(stack).get(order)).toMatchObject({ status: 401 });
    expect(await desk.get(order)).toMatchObject({ status: 409 });
    const answered = await desk.get(`${order}&payer=${second}`);
    expect(answered).toMatchObject({ status: 200, body: { found: true, charges: [{ state: 'refunded' }] } });
    expect(answered.body.charges).toHaveLength(1);
    expect(answered.body.charges).toMatchObject([
      { chargeId: duplicate.chargeId, refundedMinor: 12_900, reference: expect.stringMatching(/^onecharge-/) },
    ]);

    const scope = { source: original.source, merchant: story.merchant, order: story.order };
    const made = await desk.post('/payer-links', { ...scope, payer: first });
    expect(made.status).toBe(201);
    const opened = await nobody(stack).get(`/payer-links/${made.body.link}`);
    expect(opened).toMatchObject({
      status: 200,
      body: { found: false, charges: [{ chargeId: original.chargeId, state: 'standing' }] },
    });
    expect(opened.body.charges).toHaveLength(1);
    expect(await nobody(stack).get('/payer-links/1.abc.def')).toMatchObject({ status: 401 });

    // A new key signs from now on, and the links of the one before go on.
    const key = { version: '2', key: 'the second key of this stack, for a test' };
    const SecretString = JSON.stringify(key);
    const SecretId = stack.outputs.PayerLinkSecretArn;
    await stack.aws.secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString }));
    const { merchant } = story;
    const options = ['--payer', second, '--source', original.source, '--merchant', merchant, '--order', story.order];
    const printed = await onecharge(stack, 'payer-link', ...options);
    expect(printed).toMatchObject({ code: 0 });
    const { pathname } = new URL(printed.stdout.trim());
    // The function that signs may keep the key of before for some minutes.
    expect(pathname).toMatch(/^\/payer-links\/[12]\./);
    const link = makePayerLink({ ...scope, payer: second }, Date.now() + DAY_MS, createLinkKey(key));
    // A function takes an unknown version for a withdrawn one, and reads the secret again after some seconds.
    const untilOpen = (path: string) =>
      eventually(`${path} is opened`, async () => {
        const answer = await nobody(stack).get(path);
        return answer.status === 200 ? answer : undefined;
      });
    for (const path of [pathname, `/payer-links/${link}`]) {
      expect((await untilOpen(path)).body).toMatchObject({
        found: true,
        charges: [{ chargeId: duplicate.chargeId }],
      });
    }
    await untilOpen(`/payer-links/${made.body.link}`);
  });
}
