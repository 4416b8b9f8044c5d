import type { Fault } from '../fault.ts';

export interface ItemFailure {
  readonly at: number;
  readonly error: unknown;
}

/** An item that no repetition would help. */
export interface GivenUp<Item> {
  readonly item: Item;
  readonly fault: Fault;
}

export interface BatchPorts<Item> {
  /**
   * Deals with the items and returns those that failed; throws where the batch failed as a whole. Running it again, also
   * with some of the items, is harmless.
   */
  readonly work: (items: readonly Item[]) => Promise<readonly ItemFailure[]>;
  readonly faultOf: (error: unknown) => Fault;
  /** Writes the items where redrive finds them. Undefined where a failure has to stay one: redrive itself asks. */
  readonly giveUp: ((items: readonly GivenUp<Item>[]) => Promise<void>) | undefined;
}

/** The batch comes again from here. */
export interface ComesAgain {
  readonly at: number;
  readonly fault: Fault;
}

/**
 * Deals with a batch of a stream so that every item ends dealt with or given up, or comes again with all after it. A bug
 * fails alike whenever its item comes: the item is given up at once, and does not stop those behind it.
 */
export async function dealWith<Item>(items: readonly Item[], ports: BatchPorts<Item>): Promise<ComesAgain | undefined> {
  const faults = await faultsIn(items, ports);
  let again = faults.find(({ fault }) => fault.retry !== 'never');
  const givenUp: GivenUp<Item>[] = [];
  for (const { at } of faults.filter((each) => again === undefined || each.at < again.at)) {
    const item = items[at]!; // faults are of items
    // In company a bug may be that of another item: alone it shows whose it is.
    const [alone] = items.length === 1 ? faults : await faultsIn([item], ports);
    if (alone === undefined) continue;
    if (alone.fault.retry !== 'never' || ports.giveUp === undefined) {
      again = { at, fault: alone.fault };
      break;
    }
    givenUp.push({ item, fault: alone.fault });
  }
  if (givenUp.length > 0) await ports.giveUp?.(givenUp);
  return again;
}

/** In the order of the items. A batch that failed as a whole failed at each of them. */
async function faultsIn<Item>(
  items: readonly Item[],
  { work, faultOf }: BatchPorts<Item>,
): Promise<readonly ComesAgain[]> {
  try {
    const failures = await work(items);
    return failures.map(({ at, error }) => ({ at, fault: faultOf(error) })).sort((a, b) => a.at - b.at);
  } catch (error) {
    const fault = faultOf(error);
    return items.map((_, at) => ({ at, fault }));
  }
}
