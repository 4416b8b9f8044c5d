/**
 * What an operator must repair before a gateway can work: a key that is refused, a secret that cannot be read, a source
 * without a gateway. Codes only: what a processor says of a key may quote from it.
 */
export type GatewayFault =
  | {
      readonly gateway: 'stripe' | 'webhook';
      readonly code: string;
      /** The name or ARN of the secret in question. */
      readonly secret: string;
    }
  | { readonly gateway: 'none'; readonly code: 'no-gateway'; readonly source: string };

export type ReportFault = (fault: GatewayFault) => void;
