import type * as z from 'zod';
import type { Ms } from '../brands.ts';
import { type SchemeCatalog, schemeCalled } from '../cases/deadline.ts';
import type { Detector } from '../detection/detector.ts';
import type { DetectorCatalog } from '../detection/detector-catalog.ts';
import { placeholderTest } from '../events/placeholders.ts';
import type { EventRules } from '../events/source.ts';
import type { RateSettings } from '../incidents/rate.ts';
import type { RefundSettings } from '../refunds/refund-settings.ts';
import { type ConfigurationJson, configurationSchema, type OverrideJson } from './configuration-schema.ts';
import { contradictionsOf } from './contradictions.ts';
import { type DetectorChange, detectorCatalog } from './detectors-by-subject.ts';
import { type RegisteredSource, toSource } from './sources.ts';
import { partsOfVersion1 } from './version-1.ts';

const checkedSchema = configurationSchema.superRefine((configuration, context) => {
  for (const [path, message] of contradictionsOf(configuration)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
});

export interface Configuration extends DetectorCatalog, SchemeCatalog, RefundSettings, EventRules {
  /** The source registry. */
  readonly sources: readonly RegisteredSource[];
  sourceOf(id: string): RegisteredSource | undefined;
  readonly merchants: Readonly<Record<string, MerchantRules>>;
  readonly alerts: {
    /** Where the console is; alerts link to it. */
    readonly consoleUrl?: string | undefined;
    readonly incidents: IncidentRules;
  };
  /** The domain of the console and its certificate, where it has one of its own. */
  readonly console?: ConfigurationJson['console'];
  /** How many refused records of one source in a clock hour are alerted. */
  readonly quarantine: { readonly alertAfter: number };
}

/** What differs for one merchant. */
type MerchantRules = RefundSettings['merchants'][string] & {
  readonly incidents: { readonly minCases?: number | undefined };
  readonly detectors: Readonly<Record<string, DetectorChange>>;
};

/** Above which rate of duplicates single alerts become an incident. */
export interface IncidentRules extends RateSettings {
  readonly windowMs: Ms;
  readonly quietMs: Ms;
}

export type ConfigurationResult =
  | { readonly kind: 'configuration'; readonly configuration: Configuration }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads a configuration. Each problem names the field and what it may be. */
export function parseConfiguration(json: unknown): ConfigurationResult {
  const old = partsOfVersion1(json);
  if (old.length > 0) return { kind: 'invalid', problems: old };
  const parsed = checkedSchema.safeParse(json);
  if (parsed.success) return { kind: 'configuration', configuration: compile(parsed.data) };
  return { kind: 'invalid', problems: parsed.error.issues.map(problemOf) };
}

/** A wrong key of a record says why only in the issues below it. */
function problemOf(issue: z.core.$ZodIssue): string {
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${issue.path.join('.') || 'configuration'}: ${message}`;
}

function compile(parsed: ConfigurationJson): Configuration {
  const detectors = parsed.detectors.map(toDetector);
  const merchants = mapValues(parsed.merchants, ({ detectors: changes, ...rules }) => ({
    ...rules,
    detectors: mapValues(changes, toDetectorChange),
  }));
  const sources = Object.entries(parsed.sources).map(([id, given]) =>
    toSource(id, given, (scheme) => schemeCalled(parsed.deadlines, scheme)),
  );
  const sourceById = new Map(sources.map((source) => [source.id, source]));
  const sourceOf = (id: string) => sourceById.get(id);
  return {
    history: parsed.history,
    refunds: toRefundRules(parsed.refunds),
    sources,
    merchants,
    alerts: { consoleUrl: parsed.alerts.consoleUrl, incidents: toIncidentRules(parsed.alerts.incidents) },
    console: parsed.console,
    quarantine: parsed.quarantine,
    sourceOf,
    isPlaceholder: placeholderTest(parsed.placeholders),
    // A source that has left the registry keeps the namespace that it had by default.
    namespaceOf: (source) => sourceOf(source)?.namespace ?? `source:${source}`,
    schemeOf: (source) => sourceOf(source)?.scheme ?? schemeCalled(parsed.deadlines),
    ...detectorCatalog({ detectors, merchants, sourceOf }),
  };
}

function toRefundRules({ holds, arrivesWithin, ...rules }: ConfigurationJson['refunds']): Configuration['refunds'] {
  return {
    ...rules,
    holds: { escalateAfterMs: holds.escalateAfter, expireAfterMs: holds.expireAfter },
    arrivesWithinMs: arrivesWithin,
  };
}

function toIncidentRules({ window, quiet, ...rate }: ConfigurationJson['alerts']['incidents']): IncidentRules {
  return { ...rate, windowMs: window, quietMs: quiet };
}

function toDetector(parsed: ConfigurationJson['detectors'][number]): Detector {
  return {
    id: parsed.id,
    key: parsed.key,
    same: parsed.same,
    orders: parsed.orders,
    normalise: parsed.normalise,
    near: parsed.near,
    windowMs: parsed.window,
    reviewWindowMs: parsed.reviewWindow ?? parsed.window,
    isChainUnlimited: parsed.chain === 'unlimited',
    latenessMs: parsed.lateness,
    retainMs: parsed.retain,
    graceMs: parsed.grace,
    action: parsed.action,
    exemptMccs: new Set(parsed.exempt.mcc),
  };
}

function toDetectorChange({ action, window, reviewWindow, exempt }: OverrideJson): DetectorChange {
  return { action, windowMs: window, reviewWindowMs: reviewWindow, exemptMccs: exempt && new Set(exempt.mcc) };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
