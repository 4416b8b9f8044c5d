import type { LookupFunction } from 'node:net';

/** An emulator's API lives below `.localhost`, which is loopback by RFC 6761; not every resolver knows. */
export const toLoopback: LookupFunction = (_name, options, found) => {
  if (options.all) found(null, [{ address: '127.0.0.1', family: 4 }]);
  else found(null, '127.0.0.1', 4);
};
