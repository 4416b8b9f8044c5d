import type * as z from 'zod';
import { createCapRaises } from '../../adapters/dynamodb/cap-raises.ts';
import { iso } from '../../core/clock-units.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { formatMoney } from '../../core/events/format-money.ts';
import { capRaiseViewSchema } from '../../core/queries/cap-view.ts';
import type { CapRaise } from '../../core/refunds/cap-raise.ts';
import { cappedCurrencies } from '../../core/refunds/hourly-caps.ts';
import { type Actor, ANY_OTHER, type LargestLoss, largestLosses } from '../../core/refunds/largest-loss.ts';
import { UserError } from '../../core/user-error.ts';
import { type ChangeOptions, openToChange } from '../open-to-change.ts';
import { operatorApi } from '../operator-api.ts';
import { findDeployment } from '../stack.ts';
import { readStageConfiguration } from '../stage-configuration.ts';
import { reasonOption } from '../text-option.ts';
import { timeOption } from '../time-option.ts';

interface CapsOptions {
  readonly stage: string;
  readonly json?: boolean;
}

/** `onecharge caps show`: the caps that a stage is configured with, and the most that each actor can cost in an hour. */
export async function capsShowCommand({ stage, json = false }: CapsOptions): Promise<void> {
  const configuration = readStageConfiguration(stage);
  if (json) for (const loss of largestLosses(configuration)) console.log(JSON.stringify(loss));
  else console.log(`${describeCaps(configuration)}\n${await describeRaisesOf(stage, configuration)}`);
}

/** The caps are the configuration's: they are printed also where nothing is deployed, or AWS cannot be asked. */
async function describeRaisesOf(stage: string, configuration: Configuration): Promise<string> {
  try {
    const { aws, outputs } = await findDeployment(stage);
    const store = createCapRaises({ client: aws.dynamo, table: outputs.ControlsTableName });
    const stored = await Promise.all(cappedCurrencies(configuration).map(store.raisesIn));
    return describeRaises(
      stored.flatMap(({ raises }) => raises),
      Date.now(),
    );
  } catch (error) {
    return `Raises that are not over: unknown (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** One line for each raise that is not over. */
export function describeRaises(raises: readonly CapRaise[], nowMs: number): string {
  const live = raises.filter(({ untilMs }) => untilMs > nowMs);
  const lines = live.map(({ id, currency, merchant, maxMinor, untilMs, requested, confirmed }) => {
    const state = confirmed === undefined ? 'not confirmed yet' : `confirmed by ${confirmed.by}`;
    const bound = `${merchant ?? 'in total'} up to ${formatMoney(maxMinor, { currency })} until ${iso(untilMs)}`;
    return `  ${bound}, asked for by ${requested.by}, ${state} (${id})`;
  });
  return ['Raises that are not over:', ...(lines.length === 0 ? ['  none'] : lines)].join('\n');
}

interface RaiseOptions extends ChangeOptions {
  readonly currency: string;
  readonly merchant?: string;
  readonly maxMinor: number;
  readonly until: string;
  readonly reason: string;
}

/** `onecharge caps raise`: asks for a raise, which counts once another operator or approver confirms it. */
export async function capsRaiseCommand({ stage, yes, until, reason, ...of }: RaiseOptions): Promise<void> {
  const { currency, merchant, maxMinor } = of;
  const raise = {
    currency,
    merchant,
    maxMinor,
    until: iso(timeOption('--until', until)),
    reason: reasonOption(reason),
  };
  const api = operatorApi(await openToChange({ stage, yes }));
  console.log(describeRaise(await api.post('/caps/raise', raise, capRaiseViewSchema)));
}

/** `onecharge caps confirm`: confirms the raise that another one asked for. */
export async function capsConfirmCommand(id: string, { stage, yes }: ChangeOptions): Promise<void> {
  if (!/^[A-Z]{3}-[0-9a-f]{32}$/.test(id)) throw new UserError(`There is no raise ${id}; take its id from caps raise`);
  const api = operatorApi(await openToChange({ stage, yes }));
  console.log(describeRaise(await api.post(`/caps/raise/${id}/confirm`, undefined, capRaiseViewSchema)));
}

export function describeRaise(raise: z.output<typeof capRaiseViewSchema>): string {
  const { id, currency, merchant, maxMinor, until, reason, requested, confirmed } = raise;
  const what = merchant === undefined ? 'the cap of all refunds' : `the cap of merchant ${merchant}`;
  const asked = `${what} to ${formatMoney(maxMinor, { currency })} an hour until ${until}, asked for by ${requested.by}: ${reason}.`;
  if (confirmed !== undefined) return `Raised ${asked} ${confirmed.by} confirmed it.`;
  return `To raise: ${asked}\nAnother operator or approver confirms it with: onecharge caps confirm ${id}`;
}

/** One block of caps, one of actors. */
export function describeCaps(configuration: Configuration): string {
  const { budgetPerHourMinor, capPerHourMinor } = configuration.refunds;
  const losses = largestLosses(configuration).map(({ actor, largestHourlyLossMinor }) => {
    const amounts = Object.entries(largestHourlyLossMinor).map(([currency, loss]) => describeLoss(loss, currency));
    return `  ${nameOf(actor).padEnd(NAME_WIDTH)}  ${amounts.join(', ') || 'nothing'}`;
  });
  return [
    'All refunds of a clock hour (UTC), at most:',
    ...boundsOf('each merchant', capPerHourMinor.merchant),
    ...boundsOf('in total', capPerHourMinor.total),
    'Automatic refunds of a clock hour, at most:',
    ...boundsOf('each merchant', budgetPerHourMinor.merchant),
    ...boundsOf('in total', budgetPerHourMinor.total),
    'The most that each can cause to be refunded in one hour (docs/caps.md):',
    ...losses,
  ].join('\n');
}

const NAME_WIDTH = 32;

function boundsOf(name: string, minorByCurrency: Readonly<Record<string, number>>): readonly string[] {
  const amounts = Object.entries(minorByCurrency).map(([currency, minor]) => formatMoney(minor, { currency }));
  return [`  ${name.padEnd(NAME_WIDTH)}  ${amounts.join(', ') || 'no cap'}`];
}

function nameOf(actor: Actor): string {
  return 'name' in actor ? `${actor.kind} ${actor.name}` : actor.kind;
}

function describeLoss(loss: LargestLoss, currency: string): string {
  const named = currency === ANY_OTHER ? 'any other currency' : currency;
  if (loss === 'unbounded') return `${named} unbounded`;
  if (loss === 'processors') return `${named} up to the processor's own limit`;
  return currency === ANY_OTHER ? `${named} nothing` : formatMoney(loss, { currency });
}
