import { createMemorySigningKeys } from '../../adapters/memory/signing-keys.ts';
import type { CaseStore } from '../../core/cases/case-store.ts';
import { raiseFlags } from '../../core/cases/raise-flags.ts';
import type { Configuration } from '../../core/configuration/configuration.ts';
import { attestedFromTheStart } from '../../core/detection/attested-since.ts';
import { type DetectContext, detect } from '../../core/detection/detect.ts';
import { usedFromTheStart } from '../../core/detection/new-detectors.ts';
import { createLagWatch, type LagStore } from '../../core/detection/reader-lag.ts';
import type { ApprovalSigner, ApprovalVerifier } from '../../core/refunds/approval-macs.ts';
import type { ApproverSums } from '../../core/refunds/approver-sums.ts';
import type { Budgets } from '../../core/refunds/budgets.ts';
import type { CapRaiseStore } from '../../core/refunds/cap-raise.ts';
import type { ApprovalContext } from '../../core/refunds/decide-hold.ts';
import type { FreezeStore } from '../../core/refunds/freeze.ts';
import type { Outflows } from '../../core/refunds/outflow.ts';
import type { SweepContext } from '../../core/refunds/sweep.ts';
import type { Random } from '../../scenario/random.ts';
import { digests } from '../fixtures/configurations.ts';
import { putEach } from '../fixtures/put-each.ts';
import { actedBy, beginActing } from './acting.ts';
import type { Charges } from './charges.ts';
import { type Faults, faulty, faultyCases, faultyCharges } from './faults.ts';
import { answering, type Processor } from './processor.ts';
import type { Referee } from './referee.ts';
import type { EngineContext, RefundEngine } from './refund-engine.ts';
import type { Run, Scheduler } from './scheduler.ts';
import type { Suspending } from './settings.ts';
import type { DeliveredRecord } from './stream.ts';

/** Everything outside the core, as it is without faults. */
export interface Ports {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Read at each call: the faults end when a simulation is drained. */
  readonly faults: () => Faults;
  /** As it is deployed now. */
  readonly configuration: () => Configuration;
  readonly configurationHash: () => string;
  readonly referee: Referee;
  readonly charges: Charges;
  readonly cases: CaseStore;
  readonly approvalMacs: ApprovalSigner & ApprovalVerifier;
  readonly approverSums: ApproverSums;
  readonly budgets: Budgets;
  readonly outflows: Outflows;
  readonly raises: CapRaiseStore;
  readonly lag: LagStore;
  readonly suspensions: Suspending;
  readonly freezes: FreezeStore;
  readonly processor: Processor;
  readonly engine: RefundEngine;
}

const APPROVALS = 'promise 5, an approval that was given counts';

export type Context = EngineContext & DetectContext & SweepContext & ApprovalContext;

/** What one run of a function works with: each port over a network, and the configuration that it was deployed with. */
export function contextFor(run: Run, ports: Ports): Context {
  const { scheduler, random, referee } = ports;
  const faults = { scheduler, random, faults: ports.faults };
  const acting = beginActing(ports.configuration());
  const onAct = () => {
    referee.acting = acting;
  };
  const charges = faultyCharges(actedBy(ports.charges, acting, { onAct, step: () => scheduler.steps }), faults);
  const cases: CaseStore = {
    ...ports.cases,
    commit: (change) => {
      onAct();
      return ports.cases.commit(change);
    },
  };
  const macs = faulty(ports.approvalMacs, run, faults);
  const workflows = faulty(ports.engine, run, faults);
  const raising = {
    configuration: acting.configuration,
    configurationHash: ports.configurationHash(),
    namespaces: new Map(),
    detectorsSince: async () => usedFromTheStart(acting.configuration.detectors),
    attestedSince: async () => attestedFromTheStart(acting.configuration.sources),
    digests,
    cases: faulty(faultyCases(cases, faults), run, faults),
    nowMs: () => scheduler.nowMs(),
    random: () => random.fraction(),
    sleep: (ms: number) => scheduler.sleep(ms, run),
  };
  return {
    ...raising,
    raiseFlags: (found, actor) => raiseFlags(found, actor, raising),
    records: faulty(charges.records, run, faults),
    windows: faulty(charges.windows, run, faults),
    claims: faulty(charges.claims, run, faults),
    reservations: faulty(charges.claims, run, faults),
    approvalMacs: {
      macOf: (text) => macs.macOf(text),
      isMacOf: (mac, text) => macs.isMacOf(mac, text),
      noteForged: ({ flagId }) => {
        if (!referee.approvedByHand.has(flagId))
          referee.break(APPROVALS, `those of flag ${flagId} are taken for forged`);
      },
    },
    approverSums: faulty(ports.approverSums, run, faults),
    budgets: faulty(ports.budgets, run, faults),
    raises: faulty(ports.raises, run, faults),
    outflows: faulty(ports.outflows, run, faults),
    noteBeyondCap: () => {},
    freezes: faulty(ports.freezes, run, faults),
    lag: faulty(
      {
        readLag: () => {
          acting.lagReadMs = scheduler.nowMs();
          return ports.lag.readLag();
        },
      },
      run,
      faults,
    ),
    suspensions: faulty(
      {
        suspend: ports.suspensions.suspend,
        suspensionsOf: async (merchant: string) => {
          acting.suspensions = await ports.suspensions.suspensionsOf(merchant);
          return acting.suspensions;
        },
      },
      run,
      faults,
    ),
    gatewayOf: () => answering(faulty(ports.processor, run, faults)),
    signingKeys: createMemorySigningKeys(),
    quarantine: putEach(async ({ reason, detail }) =>
      referee.break('promise 4, nothing is lost', `quarantined: ${reason}, ${detail}`),
    ),
    workflows,
    wake: (token) => workflows.wake(token),
  };
}

/** Judges a batch as the stream's reader does: it reports how long the oldest record has waited. */
export function detectFor(batch: readonly DeliveredRecord[], run: Run, ports: Ports) {
  const { scheduler, random, referee, lag } = ports;
  const oldestMs = Math.min(...batch.map(({ arrivedMs }) => arrivedMs));
  const reporting: Pick<LagStore, 'reportLag'> = {
    reportLag: (report) => {
      referee.readers.noteLag({ ...report, lagMs: report.atMs - oldestMs, knownMs: scheduler.nowMs() });
      return lag.reportLag(report);
    },
  };
  const watch = createLagWatch({
    lag: faulty(reporting, run, { scheduler, random, faults: ports.faults }),
    nowMs: () => scheduler.nowMs(),
    every: (ms, act) => every(ms, act, { run, scheduler }),
    failed: () => {},
  });
  return watch.during(oldestMs, () => detect(batch, contextFor(run, ports)));
}

function every(
  ms: number,
  act: () => Promise<void>,
  { run, scheduler }: { run: Run; scheduler: Scheduler },
): () => void {
  let isStopped = false;
  const beat = async () => {
    await scheduler.sleep(ms, run);
    if (isStopped) return;
    await act();
    await beat();
  };
  void beat();
  return () => {
    isStopped = true;
  };
}
