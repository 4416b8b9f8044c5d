import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { App, type Environment } from 'aws-cdk-lib';
import { type Configuration, parseConfiguration } from '../core/configuration/configuration.ts';
import { retentionProblems } from '../core/configuration/retention.ts';
import { deployEdge } from '../lib/edge.ts';
import { ServiceStack } from '../lib/service-stack.ts';
import { settingsFor } from '../lib/settings.ts';

const SHARDS_MAX = 10_000;
const SIGNING_PROFILE = /^arn:aws[\w-]*:signer:[\w-]+:\d{12}:\/signing-profiles\/\w{2,64}\/\w{10}$/;
const ROOT = join(import.meta.dirname, '..');

const app = new App();
const stage = readStage();
const configurationFile = findConfiguration();
const configuration = readConfiguration();
const settings = settingsFor(stage, configuration, {
  shards: readShards(),
  signingProfileArn: readSigningProfile(),
  listsEgress: readEgress(),
});
if (settings.egress?.hosts.length === 0) refuse(['egress: no configured gateway is outside AWS; leave it out']);
const tooShort = retentionProblems(settings, configuration);
if (tooShort.length > 0) refuse(tooShort.map((problem) => `lib/settings.ts: ${problem}`));
const env = readEnvironment();
const service = new ServiceStack(app, `Onecharge-${stage}`, { settings, configurationFile, env });
// Where there is none, a plain server stands in (local/console-server.ts).
if (settings.hasEdge) {
  deployEdge(app, { settings, service: service.addresses, env, edgeSecretVersion: readEdgeSecretVersion() });
}

function readStage(): string {
  const given: unknown = app.node.tryGetContext('stage') ?? 'prod';
  if (typeof given === 'string' && /^[a-z][a-z0-9-]{0,19}$/.test(given)) return given;
  return refuse([`the stage must be lower-case letters, digits and hyphens: ${JSON.stringify(given)}`]);
}

/** Returns the file of the stage. A local run names one of its own; no other stage can. */
function findConfiguration(): string {
  const given: unknown = app.node.tryGetContext('configuration');
  return resolve(stage === 'local' && typeof given === 'string' ? given : join(ROOT, 'configuration', `${stage}.json`));
}

function readConfiguration(): Configuration {
  const name = relative(ROOT, configurationFile);
  if (!existsSync(configurationFile)) refuse([`${name} does not exist; every stage has its own configuration`]);
  const parsed = parseConfiguration(readJson(name));
  if (parsed.kind === 'invalid') return refuse(parsed.problems.map((problem) => `${name}: ${problem}`));
  return parsed.configuration;
}

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(configurationFile, 'utf8'));
  } catch (error) {
    return refuse([`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function readShards(): number | undefined {
  const given: unknown = app.node.tryGetContext('shards');
  if (given === undefined) return undefined;
  const shards = Number(given);
  if (Number.isInteger(shards) && shards > 0 && shards <= SHARDS_MAX) return shards;
  return refuse([`shards must be a whole number from 1 to ${SHARDS_MAX}: ${JSON.stringify(given)}`]);
}

/** A version of the profile, as AWS Signer prints it: the profile alone would trust versions that are to come. */
function readSigningProfile(): string | undefined {
  const given: unknown = app.node.tryGetContext('signingProfileArn');
  if (given === undefined) return undefined;
  if (stage === 'local') return refuse(['signingProfileArn: an emulator checks no signature; leave it out']);
  if (typeof given === 'string' && SIGNING_PROFILE.test(given)) return given;
  return refuse([`signingProfileArn must be the ARN of a version of a signing profile: ${JSON.stringify(given)}`]);
}

/** `listed`: functions that ask processors can send to the configured gateways alone. */
function readEgress(): boolean {
  const given: unknown = app.node.tryGetContext('egress');
  if (given === undefined) return false;
  if (stage === 'local') return refuse(['egress: an emulator has no network; leave it out']);
  return given === 'listed' || refuse([`egress must be "listed": ${JSON.stringify(given)}`]);
}

/** During a rotation the version changes, and CloudFormation reads the secret again (docs/hardening.md). */
function readEdgeSecretVersion(): string | undefined {
  const given: unknown = app.node.tryGetContext('edgeSecretVersion');
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^[\w-]{32,64}$/.test(given)) return given;
  return refuse([`edgeSecretVersion must be the id of a version of the secret: ${JSON.stringify(given)}`]);
}

/** Tables under our own key need to know their region: a stack without a region cannot be made. */
function readEnvironment(): Environment {
  if (stage === 'local') return { account: '000000000000', region: 'us-east-1' };
  const account = process.env.CDK_DEFAULT_ACCOUNT;
  const region = process.env.CDK_DEFAULT_REGION;
  if (region === undefined) return refuse(['no region; set AWS_REGION, or a profile that has one']);
  return account === undefined ? { region } : { account, region };
}

function refuse(problems: readonly string[]): never {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}
