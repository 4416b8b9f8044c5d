import type { Ms } from '../brands.ts';
import { HOUR_MS, iso, MINUTE_MS } from '../clock-units.ts';
import { QUARANTINE_REASONS, type QuarantineReason } from '../events/parse-event.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import { hourOf, type RefusalNotice, type RefusalStore, type RefusedSource } from '../incidents/refusals.ts';
import { ALERT_VERSION, type AlertOf } from './alert.ts';
import type { AlertContext } from './context.ts';
import { quoted } from './quoted.ts';

export interface RefusalContext extends AlertContext {
  readonly refusals: Pick<RefusalStore, 'refusalsIn' | 'openNotice' | 'markNoticeSent'>;
  readonly incidents: Pick<IncidentStore, 'chargesProcessedSince'>;
  /** From this number of refused records of one source in a clock hour, an alert goes out whatever their share. */
  readonly alertAfter: number;
}

/** The least number of refused records that is alerted by its share: one can be a typing error. */
const REFUSED_MIN = 2;
/** By then the accepted events of the same batches are counted too, so that a share is no artefact of the order of writes. */
const COUNTED_AFTER_MS = MINUTE_MS;
/** A run lasts at most a minute: a notice that is unsent after it belongs to a run that died. */
const UNSENT_AFTER_MS = 2 * MINUTE_MS;

/** Reasons that tell of a mistake of the whole feed, or of an attack. All others may be meant or pass. */
const CRITICAL: ReadonlySet<QuarantineReason> = new Set([
  'unauthentic',
  'schema',
  'not-entitled',
  'card-number',
  'future',
]);

/**
 * Every minute: alerts each source of which too much was refused in this clock hour or the one before, once for source and
 * hour. The notice is stored before it is sent and marked afterwards. A run that died in between is made good by a later
 * one, with the same alert.
 */
export async function keepRefusals(context: RefusalContext): Promise<void> {
  const thisHourMs = hourOf(context.nowMs());
  for (const hourMs of [thisHourMs - HOUR_MS, thisHourMs]) {
    const refused = await context.refusals.refusalsIn(hourMs);
    await sendUnsent(refused, context);
    const open = refused.filter(({ notice, byReason }) => notice === undefined && sumOf(byReason) >= REFUSED_MIN);
    if (open.length === 0) continue;
    const accepted = await acceptedIn(hourMs, context);
    for (const each of open) await noticeIfDue(each, { hourMs, accepted }, context);
  }
}

async function sendUnsent(refused: readonly RefusedSource[], context: RefusalContext): Promise<void> {
  for (const { notice } of refused) {
    if (notice === undefined || notice.isSent || context.nowMs() - notice.noticedAtMs < UNSENT_AFTER_MS) continue;
    await send(notice, context);
  }
}

async function acceptedIn(hourMs: Ms, { incidents, nowMs }: RefusalContext): Promise<ReadonlyMap<string, number>> {
  const untilMs = Math.min(nowMs(), hourMs + HOUR_MS - 1);
  return (await incidents.chargesProcessedSince(hourMs, untilMs)).acceptedBySource;
}

async function noticeIfDue(
  { source, byReason, firstAtMs }: RefusedSource,
  { hourMs, accepted: bySource }: { readonly hourMs: Ms; readonly accepted: ReadonlyMap<string, number> },
  context: RefusalContext,
): Promise<void> {
  const { refusals, alertAfter, nowMs } = context;
  const noticedAtMs = nowMs();
  const refused = sumOf(byReason);
  const accepted = source === undefined ? 0 : (bySource.get(source) ?? 0);
  const isShareDue = noticedAtMs - firstAtMs >= COUNTED_AFTER_MS && refused >= accepted;
  if (refused < alertAfter && !isShareDue) return;
  const notice = { source, hourMs, byReason, refused, accepted, noticedAtMs, isSent: false };
  // Only the run that stored the notice sends it; another run does so later if it stays unsent.
  if ((await refusals.openNotice(notice)) === 'opened') await send(notice, context);
}

async function send(notice: RefusalNotice, context: RefusalContext): Promise<void> {
  await context.send(sourceRefusedAlert(notice));
  context.count('sourcesRefused', 1);
  await context.refusals.markNoticeSent(notice);
}

function sumOf(byReason: RefusedSource['byReason']): number {
  return Object.values(byReason).reduce((sum, records) => sum + records, 0);
}

/** Returns the alert of a notice: the same each time. */
export function sourceRefusedAlert(notice: RefusalNotice): AlertOf<'source-refused'> {
  const { source, hourMs, byReason, refused, accepted, noticedAtMs } = notice;
  const reason = mainReasonOf(byReason);
  const hour = iso(hourMs).slice(0, 13);
  return {
    kind: 'source-refused',
    version: ALERT_VERSION,
    alertId: `source-refused:${source ?? ''}:${hour}`,
    severity: CRITICAL.has(reason) ? 'critical' : 'warning',
    at: iso(noticedAtMs),
    ...(source !== undefined && { source }),
    hour,
    reason,
    refused,
    accepted,
    byReason: { ...byReason },
    command: commandFor(reason, source),
  };
}

/** The most frequent reason; of several, the one that is found first. */
function mainReasonOf(byReason: RefusedSource['byReason']): QuarantineReason {
  return QUARANTINE_REASONS.reduce((main, each) => ((byReason[each] ?? 0) > (byReason[main] ?? 0) ? each : main));
}

/** What to run first. A repair without `--apply` only shows what it would do. */
function commandFor(reason: QuarantineReason, source: string | undefined): string {
  const of = source === undefined ? '' : ` --source ${quoted(source)}`;
  const rule = source === undefined ? undefined : ruleFor(reason);
  if (rule === undefined) return `npx onecharge quarantine list${of} --refused-as ${reason}`;
  return `npx onecharge quarantine repair${of} --refused-as ${reason} ${rule}`;
}

function ruleFor(reason: QuarantineReason): string | undefined {
  switch (reason) {
    case 'future':
      return '--shift-time SHIFT';
    case 'schema':
      return '--map-field FROM=TO';
    case 'not-entitled':
    case 'conflict':
    case 'overflow':
      return '--release';
    case 'unauthentic':
    case 'unknown-source':
    case 'card-number':
    case 'test':
    case 'not-json':
    case 'too-large':
      return undefined;
  }
}
