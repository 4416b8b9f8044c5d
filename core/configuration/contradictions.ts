import type { ChargeField } from '../detection/detector.ts';
import type { ConfigurationJson } from './configuration-schema.ts';
import { suits } from './detectors-by-subject.ts';

/** Where in the configuration, and what is wrong there. */
export type Problem = readonly [path: readonly (string | number)[], message: string];

/** Returns what is right part by part and wrong, or dangerous, together. */
export function* contradictionsOf(parsed: ConfigurationJson): Generator<Problem> {
  yield* detectorProblems(parsed);
  yield* overrideProblems(parsed);
  yield* schemeProblems(parsed);
  yield* sourceProblems(parsed);
  yield* realGatewayProblems(parsed);
  yield* capProblems(parsed);
}

function* detectorProblems({ detectors, merchants }: ConfigurationJson): Generator<Problem> {
  const ids = detectors.map(({ id }) => id);
  for (const [at, detector] of detectors.entries()) {
    const { id, key, orders, window, reviewWindow = window, lateness, retain, same, action } = detector;
    if (ids.indexOf(id) !== at) yield [['detectors', at, 'id'], `"${id}" is used twice`];
    if (reviewWindow < window) yield [['detectors', at, 'reviewWindow'], 'must be at least the window'];
    if (retain < Math.max(window, reviewWindow) + lateness) {
      yield [
        ['detectors', at, 'retain'],
        'must be at least reviewWindow (else window) + lateness, or late duplicates are missed',
      ];
    }
    yield* looseMatchProblems(detector, at, merchants);
    const both = same.filter((field) => key.includes(field));
    if (both.length > 0) yield [['detectors', at, 'same'], `${both.join(', ')}: already in key`];
    const foreign: readonly ChargeField[] = key.filter((field) => field !== 'merchant' && field !== 'order');
    if (orders && (foreign.length > 0 || !key.includes('order'))) {
      yield [['detectors', at, 'key'], 'with "orders": true it must be ["merchant", "order"] or ["order"]'];
    }
    const changes = Object.values(merchants).map(({ detectors: changed }) => changed[id]?.action);
    if ([action, ...changes].includes('refund') && !namesOneMatter(key)) {
      yield [
        ['detectors', at, 'key'],
        'must have "order", or "payer", "amount" and "currency", where the action is "refund": ' +
          'charges that share less are no evidence of a duplicate',
      ];
    }
  }
  if (detectors.filter(({ orders }) => orders).length > 1) {
    yield [['detectors'], 'only one detector may have "orders": true'];
  }
}

/** What is near, or reaches as far as a chain goes on, is a hint and no evidence. */
function* looseMatchProblems(
  { id, key, same, normalise, near, chain, action }: ConfigurationJson['detectors'][number],
  at: number,
  merchants: ConfigurationJson['merchants'],
): Generator<Problem> {
  for (const field of Object.keys(normalise)) {
    if (!key.some((each) => each === field)) yield [['detectors', at, 'normalise', field], 'is not in key'];
  }
  if (near !== undefined && [...key, ...same].includes('amount')) {
    yield [['detectors', at, 'near'], 'needs a key and a same without "amount": those match equal amounts only'];
  }
  if (near !== undefined && ![...key, ...same].includes('currency')) {
    yield [['detectors', at, 'near'], 'needs "currency" in key or same'];
  }
  const loose = [...(near ? ['near'] : []), ...(chain === 'unlimited' ? ['chain'] : [])];
  const actions = [action, ...Object.values(merchants).map(({ detectors }) => detectors[id]?.action)];
  if (loose.length > 0 && actions.includes('refund')) {
    yield [['detectors', at, loose[0]!], 'is for the actions "review" and "monitor" only']; // one at least
  }
}

function namesOneMatter(key: readonly ChargeField[]): boolean {
  const wanted: readonly ChargeField[] = ['payer', 'amount', 'currency'];
  return key.includes('order') || wanted.every((field) => key.includes(field));
}

function* overrideProblems({ detectors, merchants }: ConfigurationJson): Generator<Problem> {
  const ids = detectors.map(({ id }) => id);
  for (const [id, { detectors: changes }] of Object.entries(merchants)) {
    for (const [name, { window, reviewWindow = window }] of Object.entries(changes)) {
      const base = detectors.find((candidate) => candidate.id === name);
      if (base === undefined) {
        yield [['merchants', id, 'detectors', name], `no such detector; there are ${ids.join(', ')}`];
        continue;
      }
      const path = ['merchants', id, 'detectors', name, reviewWindow === window ? 'window' : 'reviewWindow'];
      if (reviewWindow !== undefined && reviewWindow < (window ?? base.window))
        yield [path, 'must be at least the window'];
      if (reviewWindow !== undefined && base.retain < reviewWindow + base.lateness) {
        yield [path, 'is longer than the detector remembers (retain)'];
      }
    }
  }
}

function* schemeProblems({ deadlines, sources }: ConfigurationJson): Generator<Problem> {
  const named: Problem[] = [[['deadlines', 'default'], deadlines.default]];
  for (const [id, { scheme }] of Object.entries(sources)) {
    if (scheme !== undefined) named.push([['sources', id, 'scheme'], scheme]);
  }
  for (const [path, scheme] of named) {
    if (Object.hasOwn(deadlines.schemes, scheme)) continue;
    yield [path, `no such scheme; there are ${Object.keys(deadlines.schemes).join(', ')}`];
  }
}

function* sourceProblems({ sources, detectors, merchants, history }: ConfigurationJson): Generator<Problem> {
  for (const [id, { precision, merchants: spoken, signing, gateway }] of Object.entries(sources)) {
    if (history === 'judge' && signing === 'required' && gateway === undefined) {
      yield [
        ['history'],
        `"judge" is for the sandbox gateway alone, but sources.${id} signs its events and has none; write "signing": "stream" in a stage for rehearsals`,
      ];
    }
    const suited = (changes: ConfigurationJson['merchants'][string]['detectors'] = {}) =>
      detectors.some(({ id: name, window }) => suits({ windowMs: changes[name]?.window ?? window }, { precision }));
    if (!suited()) {
      yield [['sources', id, 'precision'], '"day" leaves the source without a detector: none has a window of 24h'];
      continue;
    }
    for (const [merchant, { detectors: changes }] of Object.entries(merchants)) {
      const isSpokenOf = spoken === 'all' || spoken.includes(merchant);
      if (!isSpokenOf || suited(changes)) continue;
      yield [
        ['merchants', merchant, 'detectors'],
        `leave sources.${id} without a detector: its precision is "day", and none has a window of 24h`,
      ];
    }
  }
}

/** The cap bounds the budget's refunds too: a budget above it would never be reached. */
function* capProblems({ refunds: { budgetPerHourMinor, capPerHourMinor } }: ConfigurationJson): Generator<Problem> {
  for (const part of ['merchant', 'total'] as const) {
    for (const [currency, budgetMinor] of Object.entries(budgetPerHourMinor[part])) {
      const capMinor = capPerHourMinor[part][currency];
      if (capMinor === undefined || budgetMinor <= capMinor) continue;
      yield [['refunds', 'budgetPerHourMinor', part, currency], `is above refunds.capPerHourMinor.${part}.${currency}`];
    }
  }
}

/** Where a real processor moves the money, each bound is there, and old events never refund unasked. */
function* realGatewayProblems({ sources, refunds, history }: ConfigurationJson): Generator<Problem> {
  for (const [id, { gateway, currencies, attests, merchants, signing, refundedPerDayMax }] of Object.entries(sources)) {
    if (gateway === undefined || gateway.kind === 'sandbox') continue;
    if (history === 'judge') {
      yield [['history'], `"judge" is for the sandbox gateway alone, but sources.${id}.gateway is "${gateway.kind}"`];
    }
    if (attests.length > 0 && merchants === 'all' && signing === 'stream') {
      yield [
        ['sources', id, 'merchants'],
        '"all" beside "attests" and a real gateway needs "signing": "required"; ' +
          'sign the events, or list the merchants for which the statements hold',
      ];
    }
    if (currencies === undefined) {
      yield [['sources', id, 'currencies'], `is required beside the gateway "${gateway.kind}"`];
    }
    for (const currency of currencies ?? []) {
      if (attests.length > 0 && refundedPerDayMax?.[currency] === undefined) {
        yield [['sources', id, 'refundedPerDayMax'], `must name ${currency}: a new attestation refunds it for real`];
      }
      const bounds = [
        ['limitMinor', refunds.limitMinor],
        ['budgetPerHourMinor.total', refunds.budgetPerHourMinor.total],
        ['capPerHourMinor.total', refunds.capPerHourMinor.total],
        ['twoPeopleAboveMinor', refunds.twoPeopleAboveMinor],
        ['approverPerHourMinor', refunds.approverPerHourMinor],
      ] as const;
      for (const [name, bound] of bounds) {
        if (bound[currency] !== undefined) continue;
        yield [['refunds', ...name.split('.')], `must name ${currency}: sources.${id} refunds it for real`];
      }
    }
  }
}
