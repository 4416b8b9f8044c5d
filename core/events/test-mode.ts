/** How processors mark events of their test mode: in `data`, or beside it as an extension attribute. */
const MARKS = { livemode: false, test: true } as const;

/** The names of the marks, wherever they stand. */
export const TEST_MARKS: ReadonlySet<string> = new Set(Object.keys(MARKS));

interface Marked {
  readonly livemode?: unknown;
  readonly test?: unknown;
}

/** Returns the path of the mark that makes this a test event; undefined for a live one. */
export function testMarkOf(event: Marked & { readonly data?: unknown }): string | undefined {
  const own = markOf(event);
  if (own !== undefined) return own;
  const { data } = event;
  const inner = typeof data === 'object' && data !== null ? markOf(data) : undefined;
  return inner === undefined ? undefined : `data.${inner}`;
}

function markOf({ livemode, test }: Marked): string | undefined {
  if (livemode === MARKS.livemode) return 'livemode';
  return test === MARKS.test ? 'test' : undefined;
}
