import type { CaseId } from '../brands.ts';
import type { PlainDigests } from '../detection/fingerprint.ts';
import { Fault } from '../fault.ts';
import { jsonOf } from '../versioned.ts';
import { type Head, headCodec, type Seal, type SealStore, sealCodec } from './seal.ts';

/** The newest seal, by case. */
export interface SealedHeads {
  readonly day: string;
  readonly heads: ReadonlyMap<CaseId, Omit<Head, 'caseId'>>;
}

export interface SealsRead {
  /** Absent when nothing has been sealed yet. */
  readonly newest?: SealedHeads;
  /** What is wrong with the seals themselves, for people. */
  readonly problems: readonly string[];
}

interface ReadContext {
  readonly seals: Pick<SealStore, 'days' | 'readSeal' | 'readPart'>;
  readonly digests: Pick<PlainDigests, 'hash256'>;
}

/**
 * Reads the seals: that each points to the one before it, from the oldest that is kept, and of the newest the heads, part
 * by part, each checked by its hash. Keeps a head for each chain: some 200 bytes.
 */
export async function readSeals(context: ReadContext): Promise<SealsRead> {
  const { seals, digests } = context;
  const problems: string[] = [];
  let newest: Seal | undefined;
  // What expired before the oldest that is kept cannot be compared with anything.
  let previous: string | undefined;
  for (const day of await seals.days()) {
    const text = (await seals.readSeal(day)) ?? '';
    const parsed = parseSeal(day, text);
    if (parsed instanceof Fault) problems.push(parsed.message);
    else if (previous !== undefined && parsed.previous !== previous) {
      problems.push(
        `the seal of ${day} does not point to the one before it: one of the two was changed, or one is gone`,
      );
    }
    previous = digests.hash256(text);
    newest = parsed instanceof Fault ? newest : parsed;
  }
  if (newest === undefined) return { problems };
  const heads = await readHeads(newest, problems, context);
  return { newest: { day: newest.day, heads }, problems };
}

async function readHeads({ day, parts }: Seal, problems: string[], { seals, digests }: ReadContext) {
  const heads = new Map<CaseId, Omit<Head, 'caseId'>>();
  for (const { sha256 } of parts) {
    const text = await seals.readPart(sha256);
    if (text === undefined || digests.hash256(text) !== sha256) {
      problems.push(`part ${sha256} of the seal of ${day} is ${text === undefined ? 'gone' : 'not what was sealed'}`);
      continue;
    }
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const { caseId, ...sealed } = headCodec.decode(
        jsonOf(line, headCodec.what, `of part ${sha256}`),
        `of part ${sha256}`,
      );
      // A case that changed while it was sealed is there twice.
      if ((heads.get(caseId)?.length ?? 0) < sealed.length) heads.set(caseId, sealed);
    }
  }
  return heads;
}

function parseSeal(day: string, text: string): Seal | Fault {
  try {
    return sealCodec.decode(jsonOf(text, sealCodec.what, `of ${day}`), `of ${day}`);
  } catch (error) {
    if (error instanceof Fault && error.code === 'unreadable-item') return error;
    throw error;
  }
}
