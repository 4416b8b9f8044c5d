import type { Ground } from '../detection/charge-record.ts';
import type { Flag, ReasonToWait } from './flag.ts';
import { claimOf, waitOf } from './flag-history.ts';
import type { SentenceWords, Told } from './sentence-words.ts';
import { CHINESE_SENTENCES } from './sentences-chinese.ts';
import { ENGLISH_SENTENCES } from './sentences-english.ts';

/** One sentence in each language of the product. */
export interface Sentence {
  readonly en: string;
  readonly zh: string;
}

export interface ReasonSentence {
  readonly reason: ReasonToWait;
  readonly sentence: Sentence;
}

export interface GroundSentence {
  readonly ground: Ground;
  readonly sentence: Sentence;
}

/** Returns each reason to wait of the present attempt with its sentence, in the order of `waitsFor`. */
export function reasonsOf(flag: Flag, tokens: Told['tokens']): readonly ReasonSentence[] {
  const { waitsFor = [], facts = {} } = waitOf(flag) ?? {};
  const told = { flag, facts, tokens };
  return waitsFor.map((reason) => ({ reason, sentence: inBoth(({ reasons }) => reasons[reason](told)) }));
}

/** Returns what the refund of the present attempt rested on, each ground with its sentence. */
export function groundsOf(flag: Flag, tokens: Told['tokens']): readonly GroundSentence[] {
  const { restsOn = [], facts = {} } = claimOf(flag) ?? {};
  const told = { flag, facts, tokens };
  return restsOn.map((ground) => ({ ground, sentence: inBoth(({ grounds }) => grounds[ground](told)) }));
}

function inBoth(sentenceIn: (words: SentenceWords) => string): Sentence {
  return { en: sentenceIn(ENGLISH_SENTENCES), zh: sentenceIn(CHINESE_SENTENCES) };
}
