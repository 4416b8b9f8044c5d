/** With what the placeholder of an erased payer begins. No event may send such a token. */
export const ERASED = 'erased:';

/** Returns true for what stands where the token of an erased payer stood. */
export function isErased(token: string | undefined): boolean {
  return token?.startsWith(ERASED) === true;
}

/** Returns true where some member `payer`, at any depth, is this token. */
export function namesPayer(value: unknown, payer: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) =>
    name === 'payer' && member === payer ? true : namesPayer(member, payer),
  );
}

/** Returns the value with a placeholder in every member `payer` that is this token. Other tokens of the same text stay. */
export function withoutPayer<Value>(value: Value, payer: string, placeholder: string): Value {
  return replaced(value, payer, placeholder) as Value; // the same members, of the same types
}

function replaced(value: unknown, payer: string, placeholder: string): unknown {
  if (Array.isArray(value)) return value.map((each) => replaced(each, payer, placeholder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'payer' && member === payer ? placeholder : replaced(member, payer, placeholder),
    ]),
  );
}
