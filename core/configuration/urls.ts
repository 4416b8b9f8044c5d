import * as z from 'zod';

/** Hosts that plain http may reach. */
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The console's address. */
export const consoleUrlSchema = z
  .string('must be an https URL')
  .refine(
    (text) => isSafeUrl(URL.parse(text)),
    'must be an https URL without user and password (http on loopback only)',
  );

/** A gateway's address. A server never receives a fragment, so a fragment is a mistake. */
export const gatewayUrlSchema = z
  .string('must be an https URL')
  .refine(
    (text) => isSafeUrl(URL.parse(text)) && URL.parse(text)?.hash === '',
    'must be an https URL without user, password or fragment (http on loopback only)',
  );

function isSafeUrl(url: URL | null): boolean {
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}
