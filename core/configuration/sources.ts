import * as z from 'zod';
import { minorSchema } from '../brands.ts';
import type { Scheme } from '../cases/deadline.ts';
import { isCurrency } from '../events/money.ts';
import { TOKEN_FIELDS } from '../events/payment-event.ts';
import { ATTESTATIONS, COPY_DIFFERENCES, EVENT_KINDS, type EventKind, type Source } from '../events/source.ts';
import { patternOf, tokenFormatSchema } from './token-format.ts';
import { gatewayUrlSchema } from './urls.ts';

export const currencySchema = z.string().refine(isCurrency, 'must be an upper-case ISO 4217 code, for example CNY');

/** The name or ARN of a secret, never its content: the configuration lies beside every bundle. */
const secretName = z
  .string('must be the name or ARN of a secret in Secrets Manager')
  .refine((text) => !/^(sk|rk|pk|whsec)_/.test(text), 'is the key itself; name the secret that holds it')
  .regex(/^[\w/+=.@:-]{1,512}$/, 'must be the name or ARN of a secret in Secrets Manager');

/** Stripe's own limits for the name of a metadata field. */
const metadataName = z
  .string()
  .regex(/^[^[\]]{1,40}$/, 'must be the name of a metadata field: 1 to 40 characters without square brackets');
const stripeMetadata = z.strictObject({
  order: metadataName.exactOptional(),
  payer: metadataName.exactOptional(),
  merchant: metadataName.exactOptional(),
});

export type StripeMetadata = z.infer<typeof stripeMetadata>;

const GATEWAY_KINDS = 'must be "sandbox", or an object whose "kind" is "sandbox", "stripe" or "webhook"';
/** A plain name is short for a gateway that needs nothing but its kind. */
const gateway = z.preprocess(
  (given) => (typeof given === 'string' ? { kind: given } : given),
  z.discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('sandbox') }),
      z.strictObject({
        kind: z.literal('stripe'),
        secret: secretName,
        metadata: stripeMetadata.exactOptional(),
      }),
      z.strictObject({ kind: z.literal('webhook'), url: gatewayUrlSchema, secret: secretName }),
    ],
    { error: GATEWAY_KINDS },
  ),
);

export type GatewayConfiguration = z.infer<typeof gateway>;

const name = z.string().max(256).regex(/\S/, 'must not be blank');
/** Every charge event. The order's events are named one by one. */
const ALL_OF_CHARGE = 'charge.*';

const MERCHANTS = 'must be a list of merchants, or "all": of whom the source may speak';

const source = z.strictObject({
  namespace: name.optional(),
  gateway: gateway.optional(),
  scheme: z.string().optional(),
  tells: z
    .array(z.enum([ALL_OF_CHARGE, ...EVENT_KINDS]))
    .min(1)
    .default([ALL_OF_CHARGE]),
  merchants: z.union([z.literal('all'), z.array(name)], MERCHANTS).refine((given) => given.length > 0, MERCHANTS),
  currencies: z.array(currencySchema).min(1).optional(),
  attests: z.array(z.enum(ATTESTATIONS)).default([]),
  copies: z.array(z.enum(COPY_DIFFERENCES)).default([]),
  /** What automatic refunds of one day (UTC) may sum up to while an attestation is younger than a week: docs/caps.md. */
  refundedPerDayMax: z.record(currencySchema, minorSchema).optional(),
  signing: z.enum(['required', 'stream']).default('required'),
  tokens: z.partialRecord(z.enum(TOKEN_FIELDS), tokenFormatSchema).default({}),
  precision: z.enum(['instant', 'day']).default('instant'),
});

/** The source registry as JSON: who may tell of charges, of which merchants, and how their money goes back. */
export const sourcesSchema = z
  .record(name, source, 'is required: name each source of payment events (docs/sources.md)')
  .refine((sources) => Object.keys(sources).length > 0, 'must name at least one source (docs/sources.md)');

export type SourcesJson = z.infer<typeof sourcesSchema>;

/** A registered source with what cases and refunds need to know of it. */
export interface RegisteredSource extends Source {
  /** How money goes back; undefined: its charges are only monitored. */
  readonly gateway: GatewayConfiguration | undefined;
  readonly scheme: Scheme;
}

export function toSource(
  id: string,
  given: SourcesJson[string],
  schemeCalled: (id: string | undefined) => Scheme,
): RegisteredSource {
  return {
    id,
    // The prefix keeps a source of its own apart from a namespace of the same name.
    namespace: given.namespace ?? `source:${id}`,
    gateway: given.gateway,
    isReversible: given.gateway !== undefined,
    scheme: schemeCalled(given.scheme),
    tells: new Set(given.tells.flatMap(kindsOf)),
    merchants: given.merchants === 'all' ? 'all' : new Set(given.merchants),
    currencies: given.currencies && new Set(given.currencies),
    attests: new Set(given.attests),
    copies: new Set(given.copies),
    refundedPerDayMax: given.refundedPerDayMax,
    signing: given.signing,
    tokenFormats: Object.fromEntries(Object.entries(given.tokens).map(([token, format]) => [token, patternOf(format)])),
    precision: given.precision,
  };
}

function kindsOf(told: typeof ALL_OF_CHARGE | EventKind): readonly EventKind[] {
  return told === ALL_OF_CHARGE ? EVENT_KINDS.filter((kind) => kind.startsWith('charge.')) : [told];
}
