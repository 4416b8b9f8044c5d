import type { CaseId, IncidentId, Ms } from '../brands.ts';
import type { Page } from '../cases/case-store.ts';
import type { ProcessedCharges, ProcessedCount } from './charge-meter.ts';
import type { Incident } from './incident.ts';
import type { CaseOrigin, Scope } from './scope.ts';
import type { Member } from './totals.ts';

/** A case as it was when it was opened: what a rate is made of. */
export interface OpenedCase extends CaseOrigin {
  readonly caseId: CaseId;
  readonly openedAtMs: Ms;
  /** What it adds to an incident until its own record changes again. */
  readonly member: Member;
}

/** The newest batch that was counted. */
export interface Judged {
  readonly atMs: Ms;
  readonly lagMs: Ms;
}

/** An incident that is open now: what a worker must know to fold a case into it. */
export interface LiveIncident {
  readonly id: IncidentId;
  readonly scope: Scope;
}

/** Where incidents live, and what they are made of. Writes are idempotent unless it says otherwise. */
export interface IncidentStore {
  /** Adds to the counts of a minute. Not idempotent: a lost answer may count a second twice, which a rate can bear. */
  noteChargesProcessed(count: ProcessedCount): Promise<void>;
  /** Charges processed from `fromMs` on; whole minutes. May lag by moments. */
  chargesProcessedSince(fromMs: Ms, nowMs: Ms): Promise<ProcessedCharges & { readonly newest?: Judged }>;
  /** Records cases as opened, once each whatever the repetitions. */
  noteOpened(cases: readonly OpenedCase[]): Promise<void>;
  /** Cases opened from `fromMs` until `toMs`, both included. May lag by moments. */
  openedBetween(fromMs: Ms, toMs: Ms): Promise<readonly OpenedCase[]>;
  /** Strongly consistent: an incident that was closed before the call is not among them. */
  liveIncidents(): Promise<readonly LiveIncident[]>;
  /** Opens an incident if its scope has none. Atomic: of any number of callers one gets `opened`. */
  openIncident(incident: Incident): Promise<'opened' | 'already-open'>;
  readIncident(id: IncidentId): Promise<Incident | undefined>;
  /** Replaces the version before it. One that is no longer open leaves the live ones in the same transaction. */
  saveIncident(incident: Incident): Promise<'saved' | 'conflict'>;
  /** Those that are open or closing, or whose report is not known to have been sent. Strongly consistent. */
  unfinishedIncidents(): Promise<readonly Incident[]>;
  /** Newest first. */
  listIncidents(page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<Incident>>;
  /** Folds members into an incident; of each the newest version stays, in whatever order they come. */
  noteMembers(incidentId: IncidentId, members: readonly Member[]): Promise<void>;
  /** Strongly consistent. */
  membersOf(incidentId: IncidentId): Promise<readonly Member[]>;
  /** Gives a name to the first who asks, for ever to this one alone: who was given it may ask again after a crash. */
  claimOnce(name: string, owner: string, nowMs: Ms): Promise<'yours' | 'others'>;
}
