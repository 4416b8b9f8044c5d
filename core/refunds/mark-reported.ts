import { asCaseId, asFlagId, type CaseId, type FlagId } from '../brands.ts';
import type { FlagChange } from '../cases/case.ts';
import { type CaseContext, commitFlagChanges, type FlagsChanged } from '../cases/change-flag.ts';
import { deadlineOf, type Scheme } from '../cases/deadline.ts';
import { type Flag, hasRefunded, isUnreconciled } from '../cases/flag.ts';
import { markDiscrepancy, resolveDiscrepancy } from '../cases/flag-transitions.ts';
import { flagIdOf, type PlainDigests } from '../detection/fingerprint.ts';
import { flagIdOfReference } from '../detection/refund-reference.ts';
import { formatMoney } from '../events/format-money.ts';
import { bug } from '../fault.ts';
import { type Found, judgeListed, type ListedRefund } from './listed-refund.ts';

interface Hashing {
  readonly digests: Pick<PlainDigests, 'hash128'>;
}

export interface MarkContext extends CaseContext, Hashing {
  readonly digests: PlainDigests;
  readonly schemeOf: (source: string) => Scheme;
  /** The operator who reconciles, for the audit. */
  readonly by: string;
}

/** A flag, and all that a processor's report lists for it. */
export interface Reported {
  readonly flagId: FlagId;
  /** Empty: the report lacks our refund. */
  readonly refunds: readonly ListedRefund[];
}

export interface Difference extends Found {
  readonly flagId: FlagId;
  readonly caseId: CaseId;
  readonly source: string;
  readonly chargeId: string;
  /** Its case has known it since an earlier list. */
  readonly known: boolean;
}

/** What a flag's record and the list of its refunds have to say to each other. */
interface Decided {
  readonly found?: Found;
  readonly agrees?: boolean;
}

export interface Marked {
  readonly difference?: Difference;
  readonly resolved?: boolean;
  /** Something was written, or would be. */
  readonly isChange: boolean;
}

/**
 * Brings the mark of one flag in line with what is listed for it: audited, and with it the case is unresolved and says so. A
 * refund in our name that no flag knows becomes a flag and a case of its own. A mark that is so already stays as it is.
 */
export function markReported(reported: Reported, context: MarkContext): Promise<Marked> {
  return marked(reported, commitFlagChanges, context);
}

/** Returns what `markReported` would, and writes nothing. */
export function foreseeReported(reported: Reported, context: MarkContext): Promise<Marked> {
  return marked(reported, foresee, context);
}

async function marked(
  reported: Reported,
  change: (ids: readonly FlagId[], next: NextChanges, context: CaseContext) => Promise<FlagsChanged>,
  context: MarkContext,
): Promise<Marked> {
  const { flagId, refunds } = reported;
  const unknown = refunds.find((refund) => unknownIdOf(refund, context) === flagId);
  const decide = unknown === undefined ? decideOn : () => ({ found: notKnown(unknown) });
  const make = unknown && (() => unknownRefund(flagId, unknown, context));
  const next: NextChanges = ([now]) => {
    const changed = changeFor(now, { decided: decide(now, refunds), make }, context);
    return changed === undefined ? [] : [changed];
  };
  const { flags, committed } = await change([flagId], next, context);
  const [flag] = flags;
  const written = committed.at(-1)?.after;
  const isChange = written !== undefined;
  if (written?.discrepancy?.resolved) return { resolved: true, isChange };
  if (written !== undefined) return { difference: differenceOn(written, false), isChange };
  const isKnown = flag !== undefined && isUnreconciled(flag) && decide(flag, refunds).found !== undefined;
  return isKnown ? { difference: differenceOn(flag, true), isChange } : { isChange };
}

type NextChanges = (flags: readonly (Flag | undefined)[]) => readonly FlagChange[];

/** What a run would write that is not a dry one. */
async function foresee(ids: readonly FlagId[], next: NextChanges, { cases }: CaseContext): Promise<FlagsChanged> {
  const flags = await cases.readFlags(ids);
  return { flags, committed: next(flags) };
}

function changeFor(
  flag: Flag | undefined,
  { decided: { found, agrees = false }, make }: { readonly decided: Decided; readonly make: (() => Flag) | undefined },
  { by, nowMs }: MarkContext,
): FlagChange | undefined {
  const atMs = nowMs();
  const known = flag?.discrepancy;
  if (found !== undefined) {
    if (known?.what === found.what && known.detail === found.detail) return undefined;
    const discrepancy = { ...found, foundAtMs: atMs };
    const act = { actor: by, atMs, reason: `reconcile: ${found.what}: ${found.detail}` };
    if (flag !== undefined) return markDiscrepancy(flag, discrepancy, act);
    return make && { before: undefined, after: { ...make(), discrepancy }, act };
  }
  if (flag === undefined || !agrees || known?.what !== 'not-listed' || known.resolved) return undefined;
  const act = { actor: by, atMs, reason: 'reconcile: the processor lists it now' };
  return resolveDiscrepancy(flag, { ...known, resolved: true }, act);
}

function differenceOn({ id, caseId, charge, discrepancy }: Flag, known: boolean): Difference {
  if (discrepancy === undefined) throw bug(`flag ${id} differs and does not say how`);
  const { what, detail } = discrepancy;
  return { what, detail, flagId: id, caseId, source: charge.source, chargeId: charge.chargeId, known };
}

function decideOn(flag: Flag | undefined, refunds: readonly ListedRefund[]): Decided {
  if (refunds.length === 0) return notListed(flag);
  const judged = flag && judgeListed(flag, refunds);
  if (judged?.kind === 'unreconciled') return { found: { what: judged.what, detail: judged.detail } };
  return { agrees: judged?.kind === 'agrees' };
}

function notListed(flag: Flag | undefined): Decided {
  if (flag === undefined || !hasRefunded(flag)) return {};
  const { refundMinor, charge, processorReference } = flag;
  const refunded = formatMoney(refundMinor, charge);
  const detail = `we refunded ${refunded} as ${processorReference}; the processor does not list it`;
  return { found: { what: 'not-listed', detail } };
}

/** Returns the refunds that bear our name and of which no flag knows, each under an id of its own. */
export function unknownIn(refunds: readonly ListedRefund[], context: Hashing): readonly Reported[] {
  return refunds.flatMap((refund) => {
    const flagId = unknownIdOf(refund, context);
    return flagId === undefined ? [] : [{ flagId, refunds: [refund] }];
  });
}

/** Apart from the flag that the charge may get from a detector one day. What does not bear our name has none. */
function unknownIdOf({ source, chargeId, reference }: ListedRefund, { digests }: Hashing): FlagId | undefined {
  if (reference === undefined || flagIdOfReference(reference) === undefined) return undefined;
  return asFlagId(digests.hash128(`unknown refund\n${source}\n${chargeId}\n${reference}`));
}

/** Returns true where the report's lines are about the flag: it is no evidence on another one. */
export function isAbout({ flagId, refunds }: Reported, context: Hashing): boolean {
  return refunds.every((refund) => [flagIdNamedBy(refund, context), unknownIdOf(refund, context)].includes(flagId));
}

function notKnown({ reference }: ListedRefund): Found {
  return { what: 'not-known', detail: `${reference} is listed; we know of no such refund` };
}

/** Money went back that we know nothing of: the flag says so by its status, and can lead to no refund. */
function unknownRefund(id: FlagId, refund: ListedRefund, { schemeOf, by, nowMs }: MarkContext): Flag {
  const { source, chargeId, merchant = 'unknown', amountMinor, currency, timeMs } = refund;
  const scheme = schemeOf(source);
  const atMs = nowMs();
  return {
    id,
    caseId: asCaseId(id),
    version: 1,
    status: 'reversed-externally',
    learnedFrom: 'list',
    attempt: 0,
    timeMs,
    charge: { source, chargeId, merchant, amountMinor, currency },
    original: { source, chargeId },
    detector: 'reconcile',
    decidedBy: 'reconcile',
    action: 'monitor',
    configuration: 'none',
    windows: [],
    stale: false,
    scheme: scheme.id,
    reasonCode: scheme.reason,
    deadlineAtMs: deadlineOf(timeMs, scheme),
    raisedBy: by,
    openedAtMs: atMs,
    updatedAtMs: atMs,
    approvals: [],
    keeps: [],
    ...(refund.refundId !== undefined && { processorReference: refund.refundId }),
  };
}

/** Returns the flag of which the refund speaks: by our reference, else by its charge. */
export function flagIdNamedBy(refund: ListedRefund, { digests }: Hashing): FlagId {
  const named = refund.reference === undefined ? undefined : flagIdOfReference(refund.reference);
  return named ?? flagIdOf(refund, digests);
}
