import type { Fingerprint } from '../brands.ts';
import type { Charge, OrderClosed, PaymentEvent } from '../events/payment-event.ts';
import { appliesTo, type Detector } from './detector.ts';
import type { DetectorCatalog } from './detector-catalog.ts';
import { type Digests, fingerprintOf, fingerprintOfOrder, type NamespaceOf } from './fingerprint.ts';
import type { JudgeContext, Progress } from './judging.ts';
import { formerNamespaceOf } from './source-namespaces.ts';

/** A window that was begun under another fingerprint than the one that its charges have today. */
export interface Continued {
  readonly fingerprint: Fingerprint;
  /** Present where it was begun under the namespace that the source has left. */
  readonly formerNamespace?: string;
}

/** By today's fingerprints. */
export type ContinuedWindows = ReadonlyMap<Fingerprint, Continued>;

type Context = Pick<JudgeContext, 'configuration' | 'digests' | 'namespaces' | 'windows' | 'nowMs'>;

const NONE: ContinuedWindows = new Map();

/**
 * Finds the windows of a batch that were begun under another key, or under the namespace that a source has left: charges
 * go on to join them, so that a change of key or namespace between two charges hides no copy. Nothing is read where the
 * keys and namespaces are those of always.
 */
export async function continuedWindows(all: readonly Progress[], context: Context): Promise<ContinuedWindows> {
  const candidates = new Map<Fingerprint, readonly Continued[]>();
  for (const { arrival } of all) {
    for (const [today, former] of candidatesOf(arrival.event, context)) candidates.set(today, former);
  }
  const asked = [...new Set([...candidates.values()].flat().map(({ fingerprint }) => fingerprint))];
  if (asked.length === 0) return NONE;
  const found = await context.windows.readWindows(asked, context.nowMs());
  const begun = new Set(found.flatMap(({ window }) => (window === undefined ? [] : [window.fingerprint])));
  const continued = new Map<Fingerprint, Continued>();
  for (const [today, former] of candidates) {
    const first = former.find(({ fingerprint }) => begun.has(fingerprint));
    if (first !== undefined) continued.set(today, first);
  }
  return continued;
}

function candidatesOf(
  event: PaymentEvent,
  { configuration, digests, namespaces, nowMs }: Context,
): readonly (readonly [Fingerprint, readonly Continued[]])[] {
  if (event.kind !== 'order.closed' && event.kind !== 'charge.captured') return [];
  const { source } = event.kind === 'order.closed' ? event : event.charge;
  const { others = [] } = digests;
  const fingerprints = fingerprintsOf(event, configuration).map(({ detector, by }) => {
    const { retainMs } = detector;
    const formerNamespace = formerNamespaceOf(namespaces, source, { nowMs: nowMs(), retainMs });
    const inFormer = formerNamespace === undefined ? [] : [digests, ...others];
    const { namespaceOf } = configuration;
    const former: Continued[] = [
      ...others.map((each) => ({ fingerprint: by({ digests: each, namespaceOf }) })),
      ...inFormer.map((each) => ({
        fingerprint: by({ digests: each, namespaceOf: () => formerNamespace ?? '' }),
        ...(formerNamespace !== undefined && { formerNamespace }),
      })),
    ];
    return former.length === 0 ? [] : [[by({ digests, namespaceOf }), former] as const];
  });
  return fingerprints.flat();
}

interface Way {
  readonly digests: Digests;
  readonly namespaceOf: NamespaceOf;
}

/** The detectors that file the event, each with how its window is named. */
function fingerprintsOf(
  event: OrderClosed | { readonly charge: Charge },
  { detectorsFor }: Pick<DetectorCatalog, 'detectorsFor'>,
): readonly { readonly detector: Detector; readonly by: (way: Way) => Fingerprint }[] {
  if ('charge' in event) {
    const { charge } = event;
    const applying = detectorsFor(charge).filter((detector) => appliesTo(detector, charge));
    return applying.map((detector) => ({ detector, by: (way) => fingerprintOf(detector, charge, way) }));
  }
  const orders = detectorsFor(event).filter((detector) => detector.orders);
  return orders.map((detector) => ({ detector, by: (way) => fingerprintOfOrder(detector, event, way) }));
}
