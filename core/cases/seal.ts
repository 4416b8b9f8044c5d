import * as z from 'zod';
import { caseIdSchema, type Ms } from '../brands.ts';
import { iso, maybeIso } from '../clock-units.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { versionedCodec } from '../versioned.ts';
import { allCases } from './all-cases.ts';
import { GENESIS } from './audit.ts';
import type { Case } from './case.ts';
import type { CaseStore } from './case-store.ts';
import { endsAtMs } from './end-cases.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Where a chain ended when it was sealed. */
export const headCodec = versionedCodec(
  'sealed head',
  z.strictObject({
    caseId: caseIdSchema,
    length: z.int().positive(),
    head: sha256,
    /** From this day on the case may be gone: its time is over unless it changes. Absent for an open case. */
    endsOn: z.iso.date().exactOptional(),
  }),
);
export type Head = z.output<typeof headCodec.schema>;

/** The heads of all chains on one day, and the hash of the seal before it: whoever changes one must change all that follow. */
export const sealCodec = versionedCodec(
  'seal',
  z.strictObject({
    day: z.iso.date(),
    sealedAt: z.iso.datetime(),
    chains: z.int().nonnegative(),
    /** Each named by the hash of its lines. */
    parts: z.array(z.strictObject({ sha256, chains: z.int().positive() })),
    /** SHA-256 of the text of the newest seal before this one; of the first, GENESIS. */
    previous: sha256,
  }),
);
export type Seal = z.output<typeof sealCodec.schema>;

/** Keeps texts so that nobody, us included, can change or delete them for as long as they are to be kept. */
export interface SealStore {
  /** The days that have a seal, oldest first. */
  days(): Promise<readonly string[]>;
  /** As it was first written, whatever was put in its place since. */
  readSeal(day: string): Promise<string | undefined>;
  /** Only where the day has none. */
  putSeal(day: string, text: string): Promise<'written' | 'there-is-one'>;
  /** As it was first written. */
  readPart(sha256: string): Promise<string | undefined>;
  /** The same part again is the same object again. */
  putPart(sha256: string, text: string): Promise<void>;
}

export interface SealContext {
  readonly cases: Pick<CaseStore, 'casesByStatus'>;
  readonly seals: SealStore;
  readonly digests: Pick<PlainDigests, 'hash256'>;
  /** For how many days a resolved case is kept. */
  readonly caseDays: number;
  readonly nowMs: () => Ms;
}

export interface Sealed {
  readonly day: string;
  readonly outcome: 'sealed' | 'already-sealed';
  readonly chains: number;
}

function headOf(known: Case, caseDays: number): Head {
  const ends = maybeIso(endsAtMs(known, caseDays));
  const end = ends === undefined ? {} : { endsOn: ends.slice(0, 10) };
  return { caseId: known.id, length: known.auditLength, head: known.auditHead, ...end };
}

/** Lines of one part: about 1.5 MB, which is all of the seal that is in memory at a time. */
const PART_LINES = 10_000;

/**
 * Seals the heads of all chains, once a UTC day. The parts are written first and named by their content, the seal that
 * names them last and only where there is none: a run that dies leaves nothing that counts, and the next one seals.
 */
export async function seal({ cases, seals, digests, caseDays, nowMs }: SealContext): Promise<Sealed> {
  const sealedAt = iso(nowMs());
  const day = sealedAt.slice(0, 10);
  const days = await seals.days();
  if (days.includes(day)) return { day, outcome: 'already-sealed', chains: 0 };
  const parts: { readonly sha256: string; readonly chains: number }[] = [];
  const putPart = async (lines: readonly string[]) => {
    const text = `${lines.join('\n')}\n`;
    const part = { sha256: digests.hash256(text), chains: lines.length };
    await seals.putPart(part.sha256, text);
    parts.push(part);
  };
  let lines: string[] = [];
  for await (const page of allCases(cases)) {
    lines.push(...page.map((known) => JSON.stringify(headCodec.encode(headOf(known, caseDays)))));
    if (lines.length < PART_LINES) continue;
    await putPart(lines);
    lines = [];
  }
  if (lines.length > 0) await putPart(lines);
  const before = days.filter((known) => known < day).at(-1);
  const previous = before === undefined ? GENESIS : digests.hash256((await seals.readSeal(before)) ?? '');
  const chains = parts.reduce((sum, part) => sum + part.chains, 0);
  const text = JSON.stringify(sealCodec.encode({ day, sealedAt, chains, parts, previous }));
  const outcome = (await seals.putSeal(day, text)) === 'written' ? 'sealed' : 'already-sealed';
  return { day, outcome, chains };
}
