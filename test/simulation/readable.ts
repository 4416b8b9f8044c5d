import { marshall } from '@aws-sdk/util-dynamodb';
import { auditCodec, caseCodec, flagCodec } from '../../adapters/dynamodb/case-codecs.ts';
import { itemsOf } from '../../adapters/dynamodb/case-items.ts';
import { attributesOf } from '../../adapters/dynamodb/charge-items.ts';
import { decodeRecord, encodeRecord } from '../../adapters/dynamodb/record-item.ts';
import { decodeBody } from '../../adapters/dynamodb/stored-item.ts';
import { decodeWindow, encodeWindow } from '../../adapters/dynamodb/window-item.ts';
import type { CaseChange } from '../../core/cases/case.ts';
import type { ChargeRecord } from '../../core/detection/charge-record.ts';
import type { ChargeWindow } from '../../core/detection/charge-window.ts';

/** Returns what is wrong with a window that the real store would write and could not read; undefined where it could. */
export function unreadableWindow(window: ChargeWindow): string | undefined {
  return faultIn(() => decodeWindow(attributesOf(encodeWindow(window)), Number.NEGATIVE_INFINITY));
}

/** The same for a record. */
export function unreadableRecord(record: ChargeRecord): string | undefined {
  return faultIn(() => decodeRecord(attributesOf(encodeRecord(record)), Number.NEGATIVE_INFINITY));
}

/** The same for what the real store would write for a change of a case. */
export function unreadableChange(change: CaseChange): string | undefined {
  return faultIn(() => {
    for (const item of itemsOf(change)) {
      const stored = marshall(item, { removeUndefinedValues: true });
      if (item.pk.startsWith('flag#')) decodeBody(flagCodec, stored);
      else if (item.sk === 'case') decodeBody(caseCodec, stored);
      else decodeBody(auditCodec, stored);
    }
  });
}

function faultIn(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
