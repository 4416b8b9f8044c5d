import type { AlarmDefinition } from './alarm-definition.ts';
import { own } from './metrics.ts';

/** Does money go back on the word of those alone who may give it? */
export function authorityAlarms(): { readonly [name: string]: AlarmDefinition } {
  return {
    'forged-approvals': {
      metric: own('forgedApprovals'),
      above: 0,
      times: 1,
      meaning: 'a flag has approvals that no approver has given: a role or a person writes items',
    },
    'caps-reached': {
      metric: own('refundsBeyondCap'),
      above: 0,
      times: 1,
      meaning: 'a claimed refund has no room under the caps of the hour; no processor is called for it until then',
    },
    'caps-raised': {
      metric: own('capRaises'),
      above: 0,
      times: 1,
      meaning: 'an approver asked to raise an hourly cap, a second one confirmed it, or a raise has ended',
    },
  };
}
