import type { Configuration } from '../../core/configuration/configuration.ts';
import { formatMoney } from '../../core/events/format-money.ts';
import { type Actor, ANY_OTHER, type LargestLoss, largestLosses } from '../../core/refunds/largest-loss.ts';
import { readStageConfiguration } from '../stage-configuration.ts';

interface CapsOptions {
  readonly stage: string;
  readonly json?: boolean;
}

/** `onecharge caps show`: the caps that a stage is configured with, and the most that each actor can cost in an hour. */
export async function capsShowCommand({ stage, json = false }: CapsOptions): Promise<void> {
  const configuration = readStageConfiguration(stage);
  if (json) for (const loss of largestLosses(configuration)) console.log(JSON.stringify(loss));
  else console.log(describeCaps(configuration));
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
