import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { convertToAttr, marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { DAY_S, MINUTE_MS } from '../../core/clock-units.ts';
import type { Watched, WatchedCount } from '../../core/incidents/charge-meter.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { OpenedCase } from '../../core/incidents/incident-store.ts';
import type { Member } from '../../core/incidents/totals.ts';

export type Item = Record<string, AttributeValue>;

/** One partition takes 1,000 small writes a second; each of these kinds is spread over so many. */
export const INCIDENT_SHARDS = 8;
export const LIVE = 'live';
export const CLOSING = 'closing';
export const LISTED = 'incidents';

/** Counts and openings are of interest for a window, which is minutes; people look at them for a day or two. */
const RATE_KEEP_S = 2 * DAY_S;
/** What an incident was made of is evidence: kept longer than any dispute may take. */
const MEMBER_KEEP_S = 400 * DAY_S;
const CLAIM_KEEP_S = 40 * DAY_S;

export const SHARD_NUMBERS = Array.from({ length: INCIDENT_SHARDS }, (_, shard) => shard);

export function watchedKey(shard: number): string {
  return `watched#${shard}`;
}

export function openedKey(shard: number): string {
  return `opened#${shard}`;
}

export function memberKey(incidentId: string, shard: number): string {
  return `member#${incidentId}#${shard}`;
}

export function headKey(id: string) {
  return { pk: { S: `incident#${id}` }, sk: { S: 'head' } };
}

/** Cases and flags have hashes for ids: their first digits are spread evenly. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(0, 4), 16) % INCIDENT_SHARDS;
}

export function minuteOf(ms: number): string {
  return new Date(Math.floor(ms / MINUTE_MS) * MINUTE_MS).toISOString();
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function headItem(incident: Incident): Item {
  return marshall({
    pk: `incident#${incident.id}`,
    sk: 'head',
    version: incident.version,
    status: incident.status,
    body: incident,
  });
}

/** Only this module writes heads. */
export function incidentOf(item: Item): Incident {
  return unmarshall(item).body as Incident;
}

export function openedItem(opened: OpenedCase): Item {
  const { caseId, openedAtMs } = opened;
  const keys = { pk: openedKey(shardOf(caseId)), sk: `${iso(openedAtMs)}#${caseId}` };
  return marshall({ ...keys, ttl: Math.ceil(openedAtMs / 1_000) + RATE_KEEP_S, body: opened });
}

export function openedOf(item: Item): OpenedCase {
  return unmarshall(item).body as OpenedCase;
}

export function memberItem(incidentId: string, member: Member, nowMs: number): Item {
  const keys = { pk: memberKey(incidentId, shardOf(member.id)), sk: `${member.kind}#${member.id}` };
  return marshall({ ...keys, version: member.version, ttl: expiry(nowMs, MEMBER_KEEP_S), body: member });
}

export function memberOf(item: Item): Member {
  return unmarshall(item).body as Member;
}

export function claimItem(name: string, owner: string, nowMs: number): Item {
  return marshall({ pk: `once#${name}`, sk: 'once', owner, ttl: expiry(nowMs, CLAIM_KEEP_S) });
}

/** Sums are attributes of their own, one for each processor and sampled merchant: the only numbers that ADD takes. */
export function watchedUpdate({ charges, bySource, byMerchant, atMs, lagMs }: WatchedCount) {
  const sums = [
    ['charges', charges],
    ...[...bySource].map(([source, count]) => [`s#${source}`, count] as const),
    ...[...byMerchant].map(([merchant, count]) => [`m#${merchant}`, count] as const),
  ] as const;
  const set = { atMs, lagMs, ttl: Math.ceil(atMs / 1_000) + RATE_KEEP_S };
  const names = [...sums.map(([name]) => name), ...Object.keys(set)];
  const values = [...sums.map(([, count]) => count), ...Object.values(set)];
  const added = sums.map((_, at) => `#${at} :${at}`).join(', ');
  const put = Object.keys(set).map((_, at) => `#${sums.length + at} = :${sums.length + at}`);
  return {
    UpdateExpression: `ADD ${added} SET ${put.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name, at) => [`#${at}`, name])),
    ExpressionAttributeValues: Object.fromEntries(values.map((value, at) => [`:${at}`, convertToAttr(value)])),
  };
}

export function watchedOf(item: Item): Watched & { readonly atMs: number; readonly lagMs: number } {
  const { pk: _pk, sk: _sk, ttl: _ttl, charges, atMs, lagMs, ...sums } = item;
  const under = (prefix: string) =>
    new Map(
      Object.entries(sums)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), Number(value.N)] as const),
    );
  return {
    charges: Number(charges?.N ?? 0),
    bySource: under('s#'),
    byMerchant: under('m#'),
    atMs: Number(atMs?.N ?? 0),
    lagMs: Number(lagMs?.N ?? 0),
  };
}

function expiry(nowMs: number, keepS: number): number {
  return Math.ceil(nowMs / 1_000) + keepS;
}
