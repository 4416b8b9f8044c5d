export interface Links {
  /** Where the console is; undefined where there is none. */
  readonly consoleUrl: string | undefined;
}

/** The page of the console that shows a case or an incident, as a field to spread; nothing where there is no console. */
export function linkTo({ consoleUrl }: Links, what: 'cases' | 'incidents', id: string): { readonly link?: string } {
  if (consoleUrl === undefined) return {};
  return { link: `${consoleUrl.replace(/\/+$/, '')}/${what}/${encodeURIComponent(id)}` };
}
