import type { RecordStore } from '../../core/detection/record-store.ts';
import { type ChargesTable, insertItems, replaceItem } from './charge-items.ts';
import { getItems } from './get-items.ts';
import { decodeRecord, encodeRecord, recordKey } from './record-item.ts';

/** Charge records in the Charges table, one item each under `charge#` and the record's id. */
export function createRecordStore(table: ChargesTable): RecordStore {
  return {
    insertRecords: (records) => insertItems(records.map(encodeRecord), table),
    async readRecords(ids, nowMs) {
      const keys = [...new Set(ids)].map((id) => ({ pk: { S: recordKey(id) } }));
      const items = new Map((await getItems(table, keys)).map((item) => [item.pk?.S, item]));
      return ids.map((id) => {
        const item = items.get(recordKey(id));
        return item === undefined ? { record: undefined, version: 0 } : decodeRecord(item, nowMs);
      });
    },
    replaceRecord: (record, expectedVersion) => replaceItem(encodeRecord(record), expectedVersion, table),
  };
}
