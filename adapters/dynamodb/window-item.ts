import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';
import type { FoundWindow } from '../../core/detection/window-store.ts';
import { unreadable } from '../../core/fault.ts';

export type WindowItem = {
  readonly pk: { readonly S: string };
  readonly v: { readonly N: string };
  readonly w: { readonly S: string };
  readonly ttl: { readonly N: string };
};

/** DynamoDB's clean-up may be days late and must never be early. */
const TTL_GRACE_S = 3_600;

export function encodeWindow(window: ChargeWindow): {
  pk: { S: string };
  v: { N: string };
  w: { S: string };
  ttl: { N: string };
} {
  const { fingerprint, version, ...facts } = window;
  return {
    pk: { S: fingerprint },
    v: { N: String(version) },
    w: { S: JSON.stringify(facts) },
    ttl: { N: String(Math.ceil(window.expiresAtMs / 1000) + TTL_GRACE_S) },
  };
}

/** What this module wrote, and nothing else writes to the table; an expired window is dropped, its version stays. */
export function decodeWindow(item: Record<string, AttributeValue>, nowMs: number): FoundWindow {
  const { pk, v, w } = item;
  if (pk?.S === undefined || v?.N === undefined || w?.S === undefined) throw unreadable('a charge window');
  const version = Number(v.N);
  const facts: Omit<ChargeWindow, 'fingerprint' | 'version'> = JSON.parse(w.S);
  if (facts.expiresAtMs <= nowMs) return { window: undefined, version };
  return { window: { fingerprint: pk.S, version, ...facts }, version };
}
