import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { createSigningKeys } from '../../adapters/secrets/signing-keys.ts';
import { detect } from '../../core/detection/detect.ts';
import { repair } from '../../core/redrive/repair.ts';
import { captured, charge, MINUTE, START_MS, WALLET } from '../fixtures/charges.ts';
import { putEach } from '../fixtures/put-each.ts';
import { quarantinedItem } from '../fixtures/quarantined.ts';
import { signedWorld } from '../fixtures/signed-world.ts';
import { BANK_KEY, STAGE, signedEvent, signedRules, WALLET_KEY } from '../fixtures/signing.ts';
import { bytesOf } from '../fixtures/wire-events.ts';
import { wireOf } from '../fixtures/wire-of.ts';

type Json = Readonly<Record<string, unknown>>;

const two: Json = JSON.parse(new TextDecoder().decode(wireOf(captured(charge({ chargeId: 'two' })))));

it('E17: made-up key ids are no keys, and make no load', async () => {
  const { keys, reads } = secretKeys(JSON.stringify({ keys: {} }));
  for (let n = 0; n < 100; n++) {
    expect((await keys.current()).get(`made-up-${n}`)).toBeUndefined();
    await keys.reread();
  }
  expect(reads()).toBe(1);
  const world = signedWorld();
  const names = ['__proto__', 'constructor', 'toString', '', '../prod', 'x'.repeat(65)];
  await world.send(...names.map((sigkid) => ({ ...signedEvent(two), sigkid })));
  expect(world.quarantined.map(({ reason }) => reason)).toEqual(names.map(() => 'unauthentic'));
});

it('E18: an outage of the keys lets nothing in and puts nothing away: the batch comes again', async () => {
  const world = signedWorld();
  const { keys } = secretKeys(undefined);
  const quarantined: unknown[] = [];
  const records = [two, signedEvent(two)].map((event) => ({ bytes: bytesOf(event), arrivedMs: START_MS }));
  const context = {
    ...world,
    signingKeys: keys,
    quarantine: putEach(async (record) => void quarantined.push(record)),
  };
  await expect(detect(records, { ...context, raiseFlags: async () => {} })).rejects.toThrow('cannot be used');
  expect([quarantined, world.records.all()]).toEqual([[], []]);
});

it('E19: a repair signs no event that its source has not signed', () => {
  const rules = signedRules();
  const means = { rules, signerOf: () => WALLET_KEY };
  const shift = { kind: 'change', moves: [], shiftMs: -MINUTE } as const;
  const outcomeOf = (event: Json, rule: Parameters<typeof repair>[2]['rule']) => {
    const kept = bytesOf(event);
    return repair(quarantinedItem({ byteCount: kept.byteLength, reason: 'unauthentic' }), kept, { ...means, rule });
  };
  const { source: _, ...nameless } = two;
  const renamed = { kind: 'change', moves: [{ from: ['origin'], to: ['source'] }], shiftMs: 0 } as const;
  for (const forged of [two, { ...signedEvent(two), id: 'other' }, signedEvent(two, BANK_KEY)]) {
    expect(outcomeOf(forged, shift)).toMatchObject({ kind: 'refused', reason: 'unauthentic' });
    expect(outcomeOf(forged, { kind: 'release' })).toMatchObject({ kind: 'refused', reason: 'unauthentic' });
    expect(outcomeOf(signedEvent(two), { kind: 'replace', bytes: bytesOf(forged) })).toMatchObject({
      reason: 'unauthentic',
    });
  }
  expect(outcomeOf({ ...nameless, origin: WALLET }, renamed)).toMatchObject({ reason: 'unauthentic' });
  expect(outcomeOf(signedEvent(two), shift)).toMatchObject({ kind: 'sendable' });
});

it('E20: a text that looks like a number signs like it, and is no amount', async () => {
  const world = signedWorld();
  const { data, ...event } = signedEvent(two);
  await world.send({ ...event, data: { ...(data as Json), amount: { value: '12900', currency: 'CNY' } } });
  expect(world.quarantined.map(({ reason }) => reason)).toEqual(['schema']);
  expect(world.records.all()).toEqual([]);
});

/** The keys of a secret with this text; without one Secrets Manager refuses each read. */
function secretKeys(SecretString: string | undefined) {
  let count = 0;
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  client.middlewareStack.add(
    () => async () => {
      count += 1;
      if (SecretString === undefined) throw Object.assign(new Error('no grant'), { name: 'AccessDeniedException' });
      return { output: { $metadata: {}, SecretString }, response: {} };
    },
    { step: 'initialize' },
  );
  const keys = createSigningKeys({ client, secretArn: 'arn:secret', stage: STAGE, nowMs: () => START_MS });
  return { keys, reads: () => count };
}
