import { LINK_DAYS_MAX, type PayerScope, payerLinkSchema } from '../../core/queries/payer-link.ts';
import { UserError } from '../../core/user-error.ts';
import { operatorApi } from '../operator-api.ts';
import { findDeployment, readApiAddress } from '../stack.ts';

interface PayerLinkOptions {
  readonly stage: string;
  readonly payer: string;
  readonly source: string;
  readonly merchant?: string;
  readonly order?: string;
  readonly charge?: string;
  readonly days: number;
}

/** `onecharge payer-link`: prints a signed address that shows one payer what became of their charges. */
export async function payerLinkCommand({ stage, days, ...options }: PayerLinkOptions): Promise<number> {
  const scope = scopeOf(options);
  if (days > LINK_DAYS_MAX) throw new UserError(`--days may be ${LINK_DAYS_MAX} at most; make a new link then`);
  const deployment = await findDeployment(stage);
  const { link } = await operatorApi(deployment).post('/payer-links', { ...scope, days }, payerLinkSchema);
  console.log(`${await readApiAddress(deployment, stage)}/payer-links/${link}`);
  return 0;
}

function scopeOf({ payer, source, merchant, order, charge }: Omit<PayerLinkOptions, 'stage' | 'days'>): PayerScope {
  if (charge !== undefined && merchant === undefined && order === undefined) return { payer, source, charge };
  if (charge === undefined && merchant !== undefined && order !== undefined) return { payer, source, merchant, order };
  throw new UserError('Name what the payer may see: --merchant and --order, or --charge');
}
