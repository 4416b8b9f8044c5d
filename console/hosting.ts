/** What the console reads from `/settings.json` when it starts: its host writes them, and no build contains them. */
export interface ConsoleSettings {
  /** Where the compliance API is, seen from the console's own origin. */
  readonly apiUrl: string;
  readonly region: string;
  readonly userPoolId: string;
  readonly clientId: string;
  /** `srp` never sends the password; `password` is for stages whose user pool knows nothing else. */
  readonly signIn: 'srp' | 'password';
  /** Only where Cognito is not at AWS's own address. */
  readonly cognitoUrl?: string;
}

/** The licences of what the built console contains, beside its page. */
export const NOTICES_FILE = 'third-party-notices.txt';

/** The path below which hosts hand requests on to the API, without the prefix. */
export const API_PREFIX = '/api';

/** Headers of every answer of a host. `connect` names what else the page may speak to, besides its own origin. */
export function securityHeaders({ connect }: { readonly connect: readonly string[] }): SecurityHeaders {
  return {
    'content-security-policy': contentSecurityPolicy(connect),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
  };
}

export type SecurityHeaders = Readonly<Record<SecurityHeader, string>>;
type SecurityHeader =
  | 'content-security-policy'
  | 'referrer-policy'
  | 'x-content-type-options'
  | 'x-frame-options'
  | 'permissions-policy'
  | 'cross-origin-opener-policy';

/** Scripts and styles come as files of the console's own; nothing is evaluated or framed. Cloudscape's styles hold its font. */
function contentSecurityPolicy(connect: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    'font-src data:',
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
