import { convertToAttr, marshall } from '@aws-sdk/util-dynamodb';
import type { IncidentId, Ms } from '../../core/brands.ts';
import { DAY_S, iso, MINUTE_MS } from '../../core/clock-units.ts';
import type { ProcessedCharges, ProcessedCount } from '../../core/incidents/charge-meter.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { LiveIncident, OpenedCase } from '../../core/incidents/incident-store.ts';
import { scopeKey } from '../../core/incidents/scope.ts';
import type { Member } from '../../core/incidents/totals.ts';
import {
  closingCodec,
  incidentCodec,
  listedCodec,
  liveCodec,
  memberCodec,
  openedCaseCodec,
  processedCodec,
} from './incident-codecs.ts';
import { decodeBody, decodeItem, type Item } from './stored-item.ts';

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

export function chargesProcessedKey(shard: number): string {
  return `processed#${shard}`;
}

export function openedKey(shard: number): string {
  return `opened#${shard}`;
}

export function memberKey(incidentId: IncidentId, shard: number): string {
  return `member#${incidentId}#${shard}`;
}

export function headKey(id: IncidentId) {
  return { pk: { S: `incident#${id}` }, sk: { S: 'head' } };
}

/** Cases and flags have hashes for ids: their first digits are spread evenly. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(0, 4), 16) % INCIDENT_SHARDS;
}

export function minuteOf(ms: Ms): string {
  return iso(Math.floor(ms / MINUTE_MS) * MINUTE_MS);
}

export function liveKey({ scope }: Pick<Incident, 'scope'>) {
  return { pk: { S: LIVE }, sk: { S: scopeKey(scope) } };
}

export function closingKey({ id }: Pick<Incident, 'id'>) {
  return { pk: { S: CLOSING }, sk: { S: id } };
}

export function encodeHead(incident: Incident): Item {
  return marshall(
    {
      pk: `incident#${incident.id}`,
      sk: 'head',
      version: incident.version,
      status: incident.status,
      body: incidentCodec.encode(incident),
    },
    { removeUndefinedValues: true },
  );
}

export function decodeHead(item: Item): Incident {
  return decodeBody(incidentCodec, item);
}

export function encodeLive({ id, scope }: Incident): Item {
  return { ...liveKey({ scope }), ...marshall({ body: liveCodec.encode({ id, scope }) }) };
}

export function decodeLive(item: Item): LiveIncident {
  return decodeBody(liveCodec, item);
}

export function encodeClosing({ id }: Incident): Item {
  return { ...closingKey({ id }), ...marshall({ body: closingCodec.encode({ id }) }) };
}

export function decodeClosing(item: Item): Pick<Incident, 'id'> {
  return decodeBody(closingCodec, item);
}

export function encodeListed({ id, openedAtMs }: Incident): Item {
  return marshall({ pk: LISTED, sk: `${iso(openedAtMs)}#${id}`, ...listedCodec.encode({ id }) });
}

export function decodeListed(item: Item): Pick<Incident, 'id'> {
  return decodeItem(listedCodec, item);
}

export function encodeOpened(opened: OpenedCase): Item {
  const { caseId, openedAtMs } = opened;
  const keys = { pk: openedKey(shardOf(caseId)), sk: `${iso(openedAtMs)}#${caseId}` };
  return marshall({ ...keys, ttl: Math.ceil(openedAtMs / 1_000) + RATE_KEEP_S, body: openedCaseCodec.encode(opened) });
}

export function decodeOpened(item: Item): OpenedCase {
  return decodeBody(openedCaseCodec, item);
}

export function encodeMember(incidentId: IncidentId, member: Member, nowMs: Ms): Item {
  const keys = { pk: memberKey(incidentId, shardOf(member.id)), sk: `${member.kind}#${member.id}` };
  const body = memberCodec.encode(member);
  return marshall({ ...keys, version: member.version, ttl: expiry(nowMs, MEMBER_KEEP_S), body });
}

export function decodeMember(item: Item): Member {
  return decodeBody(memberCodec, item);
}

/** Only its condition reads this item. */
export function claimItem(name: string, owner: string, nowMs: Ms): Item {
  return marshall({ pk: `once#${name}`, sk: 'once', owner, ttl: expiry(nowMs, CLAIM_KEEP_S) });
}

/** Sums are attributes of their own, one for each processor and sampled merchant: the only numbers that ADD takes. */
export function chargesProcessedUpdate(processed: ProcessedCount) {
  const { charges, bySource, acceptedBySource, byMerchant, atMs, lagMs } = processed;
  const sums = [
    ['charges', charges],
    ...[...bySource].map(([source, count]) => [`s#${source}`, count] as const),
    ...[...acceptedBySource].map(([source, count]) => [`a#${source}`, count] as const),
    ...[...byMerchant].map(([merchant, count]) => [`m#${merchant}`, count] as const),
  ] as const;
  const { schemaVersion } = processedCodec;
  const set = { atMs, lagMs, ttl: Math.ceil(atMs / 1_000) + RATE_KEEP_S, schemaVersion };
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

export function decodeProcessed(item: Item): ProcessedCharges & { readonly atMs: Ms; readonly lagMs: Ms } {
  const { pk: _pk, sk: _sk, ttl: _ttl, charges, atMs, lagMs, ...sums } = decodeItem(processedCodec, item);
  const under = (prefix: string) =>
    new Map(
      Object.entries(sums)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value] as const),
    );
  return { charges, bySource: under('s#'), acceptedBySource: under('a#'), byMerchant: under('m#'), atMs, lagMs };
}

function expiry(nowMs: Ms, keepS: number): number {
  return Math.ceil(nowMs / 1_000) + keepS;
}
