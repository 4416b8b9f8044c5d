import { AMOUNTS, FACTS, type Mutant, without } from './mutant.ts';
import { unasked } from './proof.ts';

/** How much a charge is, how much of it others have returned, and whether its news agree. */
export const AMOUNTING: readonly Mutant[] = [
  without(FACTS, 'an adjustment changes what is captured', () => ({ adjust: (record) => record })),
  without(AMOUNTS, 'of the amounts of a charge the latest holds', () => ({
    capturedMinorOf: ({ capture }) => capture.charge.amountMinor,
  })),
  without(AMOUNTS, 'a charge matches by each amount that it has had', () => ({ otherAmountsOf: () => [] })),
  without(FACTS, 'refunds that are reported one by one add up', ({ refundOneByOthers }) => ({
    refundOneByOthers: (record, told) => {
      const { singleRefunds, ...rest } = record;
      const isKnown = singleRefunds?.some(({ id, atMs }) => id === told.id && atMs === told.timeMs);
      return isKnown ? record : refundOneByOthers(rest, told);
    },
  })),
  without(AMOUNTS, 'a refund that is reported again by its id counts once', ({ withSingleRefund }) => ({
    withSingleRefund: (known, told) => withSingleRefund(known, { ...told, id: `${told.id} ${told.atMs}` }),
  })),
  without('core/detection/own-refunds.ts', 'an event by our own reference ends our refund', () => ({
    reportOwnRefund: (record) => record,
  })),
  unasked('only an older amount that agrees waits for an approver', 'amount-changed'),
  unasked('a charge whose news disagree waits for an approver', 'mismatch'),
];
