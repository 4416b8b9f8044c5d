import type { FlagId, Ms } from '../brands.ts';
import type { CaseStore } from '../cases/case-store.ts';
import type { Flag } from '../cases/flag.ts';
import type { ChargeWindow } from '../detection/charge-window.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import type { WindowStore } from '../detection/window-store.ts';
import { bug } from '../fault.ts';
import type { EvidenceFacts } from './evidence.ts';

/** One try at a refund: what every step of the workflow is given. */
export interface Attempt {
  readonly flagId: FlagId;
  readonly attempt: number;
}

/** The flag, when this attempt is still the one that counts. */
export async function flagOf(
  { flagId, attempt }: Attempt,
  context: { readonly cases: Pick<CaseStore, 'readFlags'> },
): Promise<Flag | undefined> {
  const [flag] = await context.cases.readFlags([flagId]);
  if (flag === undefined) throw bug(`flag ${flagId} is not in the store`);
  return flag.attempt === attempt ? flag : undefined;
}

/** Reads the windows that decide over the flag; undefined where its detector's window is gone. */
export async function decidingWindows(
  flag: Flag,
  context: {
    readonly windows: Pick<WindowStore, 'read'>;
    readonly configuration: Pick<DetectorCatalog, 'detectors'>;
    readonly nowMs: () => Ms;
  },
): Promise<EvidenceFacts | undefined> {
  const found = await context.windows.read(
    flag.windows.map(({ fingerprint }) => fingerprint),
    context.nowMs(),
  );
  const windows = flag.windows.map(({ detector }, at) => ({ detector, window: found[at]?.window }));
  return evidenceFacts(flag, windows, context.configuration);
}

/** Picks what evidence is judged on from the windows of a charge. */
export function evidenceFacts(
  flag: Flag,
  windows: readonly { readonly detector: string; readonly window: ChargeWindow | undefined }[],
  { detectors }: Pick<DetectorCatalog, 'detectors'>,
): EvidenceFacts | undefined {
  const windowOf = (id: string | undefined) => windows.find(({ detector }) => detector === id)?.window;
  const window = windowOf(flag.detector);
  const orderWindow = windowOf(detectors.find(({ orders }) => orders)?.id);
  return window && { window, orderWindow };
}
