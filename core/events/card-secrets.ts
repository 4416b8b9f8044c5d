/**
 * Names of members that hold what may not be kept once a payment is authorised (PCI DSS, requirement 3.3): security codes,
 * PINs and the tracks of a magnetic stripe. Compared in lower case, without separators.
 */
const SECRETS: ReadonlySet<string> = new Set([
  ...['cvv', 'cvv2', 'cvc', 'cvc2', 'cvc3', 'cid', 'csc', 'cav2', 'cvn', 'cvn2', 'cve', 'cvp2', 'cvd', 'dcvv', 'icvv'],
  ...['cvvcode', 'cvccode', 'cvvnumber', 'cvcnumber', 'cvvvalue', 'cvcvalue'],
  ...['securitycode', 'cardsecuritycode', 'cardcode', 'verificationvalue', 'cardverificationvalue'],
  ...['verificationnumber', 'cardverificationnumber', 'cardverificationcode', '安全码', '校验码'],
  ...['track', 'track1', 'track2', 'track3', 'trackdata', 'track1data', 'track2data', 'magstripe', 'magneticstripe'],
  ...['track1equivalentdata', 'track2equivalentdata', 'magstripedata', 'magneticstripedata'],
  ...['pin', 'pinblock', 'pindata', 'encryptedpin', 'pvv'],
]);
/** Names of other things too where a word stands before them, unless it is `card`. */
const ONLY_ALONE: ReadonlySet<string> = new Set(['cid', 'cve', 'cvd', 'track']);
const SEPARATORS = /[^\p{L}\p{N}]/gu;
/** Between the words of a name: `card_cvc`, `card.cvc`, `cardCvc`. */
const BETWEEN_WORDS = /[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u;

/** What stands for a dropped secret in a text. */
export const DROPPED = '***';

/** Names and values in half a JSON text, a form, a log line; and in XML. Each part is bounded or runs to a delimiter. */
const NAMED =
  /(\\?["']?)(?<![\p{L}\p{N}_ .-])([\p{L}\p{N}_ .-]{3,60})\1(\s{0,8}[:=]\s{0,8})(\\"(?:[^"\\]|\\[^"])*(?:\\")?|"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&{}[\]()<>"'\\]+)/gu;
const ELEMENT = /(<(?:\w{1,40}:)?([\w.-]{3,40})(?:\s[^<>]*)?>)[^<]*/g;
/** A security code in a sentence: its name, at most a few words, and three or four digits. */
const SPOKEN_CODE =
  /((?:(?<![\p{L}\p{N}])(?:cvv2?|cvc2?|csc|cvn2?|cav2|security code)|安全码|校验码)(?:\s{0,4}(?:is|was|code|number|no\.?|是|为))?[\s:：=#-]{0,4})\p{Nd}{3,4}(?!\p{Nd})/giu;
/**
 * The tracks of a magnetic stripe (ISO/IEC 7813), from the format code until the end sentinel or the next space: the
 * discretionary data behind the number have the stripe's own security code.
 */
const TRACKS = [
  /%?B[\d ]{12,23}\^[^^\r\n]{0,40}\^[^?\s]{0,80}\??/gi,
  /;?\d{12,21}=\d{4}[\d=]{0,60}\??/g,
  /(?<![\p{L}\p{N}])\d{12,19}D\d\d(?:0[1-9]|1[0-2])\d{3,20}F?(?![\p{L}\p{N}])/giu,
];

/** Returns true for the name of a member that may not be kept, with or without words before it: `card_cvc`. */
export function isSecretName(name: string): boolean {
  const normal = name.normalize('NFKC');
  if (SECRETS.has(plain(normal))) return true;
  const words = normal.split(BETWEEN_WORDS);
  return words.some((_, at) => {
    const last = plain(words.slice(at).join(''));
    return at > 0 && SECRETS.has(last) && (!ONLY_ALONE.has(last) || plain(words[at - 1] ?? '') === 'card');
  });
}

function plain(name: string): string {
  return name.replace(SEPARATORS, '').toLowerCase();
}

/** Returns the text without track data, security codes and PINs, as far as names or their forms show them. */
export function withoutSecretsIn(text: string): string {
  const withoutTracks = TRACKS.reduce((rest, track) => rest.replace(track, DROPPED), text);
  return withoutTracks
    .replace(NAMED, (all, quote, name, between) =>
      isSecretName(name) ? `${quote}${name}${quote}${between}${DROPPED}` : all,
    )
    .replace(ELEMENT, (all, tag, name) => (isSecretName(name) ? `${tag}${DROPPED}` : all))
    .replace(SPOKEN_CODE, `$1${DROPPED}`);
}

/** Returns true for a text in which a security code or the data of a track stand. */
export function hasSecrets(text: string): boolean {
  return withoutSecretsIn(text) !== text;
}
