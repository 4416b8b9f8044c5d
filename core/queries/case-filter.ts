export interface CaseFilter {
  readonly status?: 'open' | 'resolved';
}
