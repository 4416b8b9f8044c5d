import type { Ms } from '../brands.ts';
import { type ParseResult, parseEvent } from '../events/parse-event.ts';
import { createSignatures, type KeyRing, type SigningKeys } from '../events/signatures.ts';
import type { EventRules } from '../events/source.ts';

interface ReadContext {
  readonly configuration: EventRules;
  readonly signingKeys: SigningKeys;
}

interface Arrived {
  readonly bytes: Uint8Array;
  readonly arrivedMs: Ms;
}

/**
 * Reads a batch's records. A signature is checked here and nowhere after. A key that is not known may be newer than the keys
 * that were read: they are read again, as often as the port allows.
 *
 * @throws when the keys cannot be read: then nothing is known about any record, and the batch must come again
 */
export async function readEvents(
  records: readonly Arrived[],
  { configuration: { sourceOf, isPlaceholder }, signingKeys }: ReadContext,
): Promise<readonly ParseResult[]> {
  const readWith = (keys: KeyRing) => {
    const rules = { sourceOf, isPlaceholder, signatures: createSignatures(keys) };
    return ({ bytes, arrivedMs }: Arrived) => parseEvent(bytes, arrivedMs, rules);
  };
  const parsed = records.map(readWith(await signingKeys.current()));
  if (!parsed.some(isKeyUnknown)) return parsed;
  const newer = await signingKeys.reread();
  if (newer === undefined) return parsed;
  const readAgain = readWith(newer);
  return parsed.map((result, at) => (isKeyUnknown(result) ? readAgain(records[at]!) : result)); // one result a record
}

function isKeyUnknown(result: ParseResult): boolean {
  return result.kind === 'rejected' && result.isKeyUnknown === true;
}
