/** What the console must know of the service: where to ask, and where people sign in. */
export interface ServiceAddresses {
  readonly apiUrl: string;
  readonly userPoolId: string;
  readonly clientId: string;
  /** The secret whose value CloudFront adds to what it sends to the API; undefined where the stage has no CloudFront. */
  readonly edgeSecretArn: string | undefined;
}
