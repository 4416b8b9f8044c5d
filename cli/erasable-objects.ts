import { contentsOf, packedBody } from '../adapters/s3/bundled-records.ts';
import { deleteWithVersions, objectBytes } from '../adapters/s3/erasable-objects.ts';
import { namesPayer } from '../core/events/erased-payer.ts';
import { DEAD_LETTER_PREFIX, parseDeadLetter } from '../core/redrive/dead-letter.ts';
import type { QuarantineIndex } from '../core/redrive/quarantine-index.ts';
import { isWaiting } from '../core/redrive/quarantined-item.ts';
import type { Aws } from './aws.ts';
import type { ErasableObjects } from './erase.ts';

interface Places {
  readonly s3: Aws['s3'];
  readonly index: Pick<QuarantineIndex, 'read'>;
  readonly quarantine: string;
  readonly deadLetters: string;
}

const UTF8 = new TextDecoder();

type IsTheirs = (source: string) => boolean;

/** The objects of the quarantine and of the dead letters. All of them are read: nothing lists them by payer. */
export function createErasableObjects({ s3, index, quarantine, deadLetters }: Places): ErasableObjects {
  return {
    async *objectsNaming(payer, isTheirs) {
      for await (const { key, bytes, encoding } of objectBytes({ s3, bucket: quarantine })) {
        const isNaming = (record: Uint8Array) => isNamedBy(UTF8.decode(record), payer, isTheirs);
        const records = encoding === packedBody.ContentEncoding ? contentsOf(bytes, key) : [bytes];
        if (!records.some(isNaming)) continue;
        const item = await index.read(key.split('/').at(-1) ?? key);
        yield { place: 'quarantine', key, isUndecided: item !== undefined && isWaiting(item) };
      }
      for await (const { key, bytes } of objectBytes({ s3, bucket: deadLetters })) {
        if (!isInLetter(key, UTF8.decode(bytes), payer, isTheirs)) continue;
        yield { place: 'dead letters', key, isUndecided: key.startsWith(DEAD_LETTER_PREFIX) };
      }
    },
    deleteObject: ({ place, key }) =>
      deleteWithVersions({ s3, bucket: place === 'quarantine' ? quarantine : deadLetters }, key),
  };
}

/** What is no event counts wherever it has the text: it cannot be known whose it is. */
function isNamedBy(text: string, payer: string, isTheirs: IsTheirs): boolean {
  if (!text.includes(payer) && !text.includes('\\')) return false;
  try {
    const event: unknown = JSON.parse(text);
    const source = typeof event === 'object' && event !== null && 'source' in event ? event.source : undefined;
    return namesPayer(event, payer) && (typeof source !== 'string' || isTheirs(source));
  } catch {
    return text.includes(payer);
  }
}

function isInLetter(key: string, text: string, payer: string, isTheirs: IsTheirs): boolean {
  const parsed = parseDeadLetter(key, text);
  if (parsed.kind === 'unreadable') return text.includes(payer);
  const { letter } = parsed;
  if (letter.kind === 'changes') return JSON.stringify(letter.event).includes(JSON.stringify(payer));
  return letter.records.some(({ bytes }) => isNamedBy(UTF8.decode(bytes), payer, isTheirs));
}
