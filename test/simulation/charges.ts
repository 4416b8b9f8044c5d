import type { RecordStore } from '../../core/detection/record-store.ts';
import type { WindowStore } from '../../core/detection/window-store.ts';
import type { ClaimStore, ReservationReader } from '../../core/refunds/claim-store.ts';

/** The ports on records, windows and claims. */
export interface Charges {
  readonly records: RecordStore;
  readonly windows: WindowStore;
  readonly claims: ClaimStore & ReservationReader;
}
