import type { Charge, ToldCharge } from '../../../core/events/payment-event.ts';

const WHO = ['merchant', 'payer', 'order'] as const;
const HOW = ['part', 'instrument', 'channel', 'mcc', 'payment'] as const;
type Field = (typeof WHO)[number] | (typeof HOW)[number];

/** What events about a charge say of it beside their own facts, once more: the oracle's own reading of the design. */
export class Hearsay {
  /** Told before the capture. */
  readonly #waiting = new Map<string, ToldCharge>();
  readonly #completed = new Map<Field, string>();
  /** Fields told otherwise than by the capture, and amounts that the charge did not have then. */
  readonly #otherwise = new Set<string>();

  /** Returns true where the telling says anything new. */
  hear(
    told: ToldCharge,
    { captured, amounts, isCapture }: { captured: Charge | undefined; amounts: readonly number[]; isCapture: boolean },
  ): boolean {
    if (captured === undefined) return this.#wait(told);
    const before = this.#size();
    for (const field of isCapture ? [...WHO, ...HOW] : WHO) this.#compare(field, told[field], captured[field]);
    const { amountMinor, currency } = told;
    if (!isCapture && amountMinor !== undefined) {
      if (currency !== captured.currency) this.#otherwise.add('currency');
      else if (![captured.amountMinor, ...amounts].includes(amountMinor)) this.#otherwise.add(`amount ${amountMinor}`);
    }
    return this.#size() > before;
  }

  /** The capture has come: what waited is compared with it. */
  captured(captured: Charge, amounts: readonly number[]): void {
    for (const told of this.#waiting.values()) this.hear(told, { captured, amounts, isCapture: false });
    this.#waiting.clear();
  }

  #wait(told: ToldCharge): boolean {
    const said = [told.merchant, told.payer, told.order, told.amountMinor, told.currency];
    const key = JSON.stringify(said);
    if (said.every((each) => each === undefined) || this.#waiting.has(key)) return false;
    this.#waiting.set(key, told);
    return true;
  }

  #compare(field: Field, now: string | undefined, known: string | undefined): void {
    if (now === undefined) return;
    const before = known ?? this.#completed.get(field);
    if (before === undefined) this.#completed.set(field, now);
    else if (before !== now) this.#otherwise.add(field);
  }

  #size(): number {
    return this.#completed.size + this.#otherwise.size;
  }
}
