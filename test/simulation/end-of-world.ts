import type { MemoryCaseStore } from '../../adapters/memory/case-store.ts';
import type { MemoryCharges } from '../../adapters/memory/charges.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import type { PaymentEvent } from '../../core/events/payment-event.ts';
import type { Knowledge } from './knowledge.ts';
import type { Processor } from './processor.ts';
import type { Referee } from './referee.ts';

/** What is looked at when a night is over. */
export interface EndOfWorld {
  readonly configuration: Configuration;
  readonly charges: MemoryCharges;
  readonly cases: MemoryCaseStore;
  readonly knowledge: Knowledge;
  readonly processor: Processor;
  readonly referee: Referee;
  readonly nowMs: number;
  /** Every event that reached the stream, and when it was first dealt with. */
  readonly delivered: ReadonlyMap<PaymentEvent, number>;
}
