/** An opaque token of a processor: whole, broken anywhere rather than cut, figures under figures. */
export function Token({ text }: { readonly text: string | undefined }) {
  return text === undefined ? <>–</> : <span className="token">{text}</span>;
}
