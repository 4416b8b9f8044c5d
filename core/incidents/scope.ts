/** Whose burst an incident is: one merchant's, one processor's, or everybody's. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'processor'; readonly source: string }
  | { readonly kind: 'merchant'; readonly merchant: string };

/** What decides a case's scopes: its merchant, and the processor of its original charge. */
export interface CaseOrigin {
  readonly merchant: string;
  readonly source: string;
}

/** One text per scope: the key under which at most one incident is open. */
export function scopeKey(scope: Scope): string {
  switch (scope.kind) {
    case 'all':
      return 'all';
    case 'processor':
      return `processor#${scope.source}`;
    case 'merchant':
      return `merchant#${scope.merchant}`;
  }
}

export function covers(scope: Scope, { merchant, source }: CaseOrigin): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'processor':
      return scope.source === source;
    case 'merchant':
      return scope.merchant === merchant;
  }
}

const BREADTH = { merchant: 0, processor: 1, all: 2 } as const;

export function isBroader(a: Scope, b: Scope): boolean {
  return BREADTH[a.kind] > BREADTH[b.kind];
}
