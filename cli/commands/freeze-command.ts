import type * as z from 'zod';
import { sweepNow } from '../../adapters/lambda/sweep-now.ts';
import { formatMoney } from '../../core/events/format-money.ts';
import { freezeAnswerSchema } from '../../core/queries/freeze-view.ts';
import { UserError } from '../../core/user-error.ts';
import { type ChangeOptions, openToChange } from '../open-to-change.ts';
import { operatorApi } from '../operator-api.ts';
import { reasonOption } from '../text-option.ts';

interface FreezeOptions extends ChangeOptions {
  readonly merchant?: string;
  readonly reason: string;
}

interface ThawOptions extends ChangeOptions {
  readonly merchant?: string;
  readonly reason?: string;
  readonly confirm?: string;
}

type Answer = z.output<typeof freezeAnswerSchema>;

export async function freezeCommand({ stage, yes, merchant, reason }: FreezeOptions): Promise<void> {
  const body = { merchant, reason: reasonOption(reason) };
  const api = operatorApi(await openToChange({ stage, yes }));
  console.log(describeFreeze(merchant, await api.post('/refunds/freeze', body, freezeAnswerSchema)));
}

/** `onecharge thaw --reason TEXT` asks for a thaw; `--confirm ID` confirms the one that another operator asked for. */
export async function thawCommand(options: ThawOptions): Promise<void> {
  const ask = askOf(options);
  const deployment = await openToChange({ stage: options.stage, yes: options.yes });
  const answer = await operatorApi(deployment).post(ask.path, ask.body, freezeAnswerSchema);
  console.log(describeThaw(options.merchant ?? answer.standing?.merchant, answer));
  if (answer.pending !== undefined) return;
  // Also after a thaw that changed nothing: the sweep of the thaw before may have failed.
  const released = await sweepNow(deployment.aws.lambda, deployment.outputs.SweepFunctionName);
  console.log(`The sweep released ${released} held refunds.`);
}

/** @throws UserError unless the options name a reason or a request, and not both */
export function askOf({ merchant, reason, confirm }: Pick<ThawOptions, 'merchant' | 'reason' | 'confirm'>) {
  if (confirm === undefined && reason !== undefined) {
    return { path: '/refunds/thaw', body: { merchant, reason: reasonOption(reason) } } as const;
  }
  if (confirm === undefined || reason !== undefined || merchant !== undefined) {
    throw new UserError('Ask with --reason TEXT and perhaps --merchant, or confirm a request with --confirm ID alone');
  }
  if (!/^[0-9a-f]{32}$/.test(confirm)) throw new UserError('--confirm must be the id of a request, as thaw printed it');
  return { path: `/refunds/thaw/${confirm}/confirm`, body: undefined } as const;
}

export function describeFreeze(merchant: string | undefined, { changed, standing }: Answer): string {
  const what = refundsOf(merchant);
  if (!changed) return `No change: ${what} were frozen before${byWhom(standing)}`;
  const only = merchant === undefined ? '' : ` --merchant ${merchant}`;
  return `Froze ${what}. Detection goes on, and new flags wait. End it with: onecharge thaw${only} --reason TEXT`;
}

export function describeThaw(merchant: string | undefined, answer: Answer): string {
  const what = refundsOf(merchant);
  const { changed, pending, stillFrozen, standing } = answer;
  if (pending !== undefined) {
    return [
      `A thaw of ${what} waits for another operator, asked for by ${pending.by} at ${pending.at}: ${pending.reason}.`,
      describeReleases(answer.releases),
      `Another operator confirms it before ${pending.until} with: onecharge thaw --confirm ${pending.id}`,
    ].join('\n');
  }
  const by = standing?.confirmedBy === undefined ? '' : ` ${standing.by} asked, and ${standing.confirmedBy} confirmed.`;
  const done = changed ? `Thawed ${what}.${by}` : `No change: no freeze of ${what} stands.`;
  if (stillFrozen === undefined) return done;
  const whose = byWhom({ ...stillFrozen, at: stillFrozen.since });
  return `${done} But all refunds are frozen${whose} End that with: onecharge thaw --reason TEXT`;
}

function describeReleases(releases: Answer['releases']): string {
  if (releases === undefined || releases.refunds === 0) return 'It releases no refund that waits now.';
  const { refunds, minorByCurrency, isCut } = releases;
  const sums = Object.entries(minorByCurrency).map(([currency, minor]) => formatMoney(minor, { currency }));
  const counted = `${refunds} ${refunds === 1 ? 'refund' : 'refunds'}`;
  return `It releases ${isCut ? 'at least ' : ''}${counted}: ${sums.join(', ')}.`;
}

function refundsOf(merchant: string | undefined): string {
  return merchant === undefined ? 'all refunds' : `the refunds of merchant ${merchant}`;
}

function byWhom(order: { readonly by: string; readonly at: string; readonly reason: string } | undefined): string {
  return order === undefined ? '.' : `, by ${order.by} at ${order.at}: ${order.reason}.`;
}
