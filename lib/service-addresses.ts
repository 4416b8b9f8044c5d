/** What the console must know of the service: where to ask, and where people sign in. */
export interface ServiceAddresses {
  readonly apiUrl: string;
  readonly userPoolId: string;
  readonly clientId: string;
}
