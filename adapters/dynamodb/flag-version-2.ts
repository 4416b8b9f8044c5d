import type { Fields } from '../../core/versioned.ts';
import { withMember } from '../words-of-version-1.ts';

/** Brings a flag of version 2 to version 3: what a claim rested on was not recorded. */
export function flagFromVersion2(fields: Fields): Fields {
  return withMember(withMember(withGrounds(fields), 'returned', withGrounds), 'ended', (ended) =>
    withMember(withGrounds(ended), 'returned', withGrounds),
  );
}

function withGrounds(fields: Fields): Fields {
  return 'claimedAtMs' in fields ? { ...fields, restsOn: [] } : fields;
}
