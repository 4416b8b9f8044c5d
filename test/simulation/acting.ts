import type { Configuration } from '../../core/configuration/configuration.ts';
import type { Suspension } from '../../core/detection/suspensions.ts';
import type { Charges } from './charges.ts';

/** What one run of a function has been given, and what it has read last: its writes are judged by that. */
export interface Acting {
  /** As it was deployed when the run began. */
  readonly configuration: Configuration;
  /** Steps of the scheduler at its latest reads. */
  windowsReadAt: number;
  recordsReadAt: number;
  /** When it asked for the readers' lag; undefined where it has not asked. */
  lagReadMs: number | undefined;
  /** What it has read as suspended; undefined where it has not asked. */
  suspensions: readonly Suspension[] | undefined;
}

export function beginActing(configuration: Configuration): Acting {
  const never = Number.NEGATIVE_INFINITY;
  return { configuration, windowsReadAt: never, recordsReadAt: never, lagReadMs: undefined, suspensions: undefined };
}

/** The stores as one run calls them. At the moment of each call it is the run that acts, and its reads are noted. */
export function actedBy(
  { records, windows, claims }: Charges,
  acting: Acting,
  { onAct, step }: { readonly onAct: (acting: Acting) => void; readonly step: () => number },
): Charges {
  return {
    records: {
      readRecords: (...given) => {
        acting.recordsReadAt = step();
        return records.readRecords(...given);
      },
      insertRecords: (all) => {
        onAct(acting);
        return records.insertRecords(all);
      },
      replaceRecord: (...given) => {
        onAct(acting);
        return records.replaceRecord(...given);
      },
    },
    windows: {
      readWindows: (...given) => {
        acting.windowsReadAt = step();
        return windows.readWindows(...given);
      },
      insertWindows: (all) => {
        onAct(acting);
        return windows.insertWindows(all);
      },
      replaceWindow: (...given) => {
        onAct(acting);
        return windows.replaceWindow(...given);
      },
    },
    claims: {
      readReservation: claims.readReservation,
      grant: (grant) => {
        onAct(acting);
        return claims.grant(grant);
      },
    },
  };
}
