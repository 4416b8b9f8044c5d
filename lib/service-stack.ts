import { readFileSync } from 'node:fs';
import { CfnOutput, Fn, SecretValue, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { configurationHashOf } from '../adapters/crypto/configuration-hash.ts';
import { Alerts } from './alerts.ts';
import { Api } from './api.ts';
import { Cases } from './cases.ts';
import { Detection } from './detection.ts';
import { dispatchFlags } from './dispatch.ts';
import { Events } from './events.ts';
import { removalOf } from './history-table.ts';
import { Jobs } from './jobs.ts';
import { Monitoring } from './monitoring.ts';
import type { FunctionContext } from './onecharge-function.ts';
import { Refunds } from './refunds.ts';
import { sealChains } from './seals.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import type { StageSettings } from './settings.ts';

export interface ServiceStackProps extends StackProps {
  readonly settings: StageSettings;
  /** Absolute path of the validated configuration. */
  readonly configurationFile: string;
}

/**
 * Onecharge, in the order in which the data flows: events are judged against charge records and windows; flags go to cases; the
 * stream of cases starts refunds and notifies; people look and decide through the api.
 */
export class ServiceStack extends Stack {
  /** For the console, a stack of its own. */
  readonly addresses: ServiceAddresses;

  constructor(scope: Construct, id: string, { settings, configurationFile, ...stackProps }: ServiceStackProps) {
    super(scope, id, { description: 'Onecharge: finds duplicate charges and gives the money back', ...stackProps });
    Tags.of(this).add('service', 'onecharge');
    const context: FunctionContext = { settings, configurationFile };
    const key = stackKey(this, settings);
    const fingerprintSecret = secretOf(this, { settings, key });
    const signingSecret = signingSecretOf(this, { settings, key });
    const events = new Events(this, 'Events', { settings, key });
    const { deadLetters } = events;
    const cases = new Cases(this, 'Cases', { context, key });
    const alerts = new Alerts(this, 'Alerts', { context, key });
    const detection = new Detection(this, 'Detection', {
      context,
      key,
      events,
      cases: cases.table,
      incidents: alerts.incidents,
      fingerprintSecret,
      signingSecret,
    });
    const tables = { charges: detection.charges, cases: cases.table };
    const { version1Windows } = detection;
    const refunds = new Refunds(this, 'Refunds', {
      context,
      key,
      ...tables,
      incidents: alerts.incidents,
      version1Windows,
    });
    const { dispatch, sweep } = dispatchFlags(refunds, {
      context,
      key,
      charges: detection.charges,
      cases,
      deadLetters,
    });
    const { bucket: sealBucket, seal } = sealChains(cases, { context, key, cases: cases.table });
    const { alert, digest } = alerts.notifiersOf({
      cases,
      controls: refunds.controls,
      version1Windows,
      deadLetters,
    });
    const jobs = new Jobs(this, 'Jobs', { context, key });
    const { approvalKey } = refunds;
    const { controls } = refunds;
    const runners = jobs.runners({
      cases: cases.table,
      incidents: alerts.incidents,
      controls,
      approvalKey,
      deadLetters,
    });
    const api = new Api(this, 'Api', {
      context,
      key,
      ...tables,
      incidents: alerts.incidents,
      controls,
      version1Windows,
      jobs,
      approvalKey,
    });
    new Monitoring(this, 'Monitoring', {
      key,
      detect: detection.detect,
      dispatch,
      sweep,
      seal,
      alert,
      digest,
      api: api.http,
      ...runners,
      machine: refunds.machine,
      detectors: settings.detectors,
      events: events.stream,
      quarantine: events.quarantine.queue,
      tables: { ...tables, incidents: alerts.incidents },
    });

    this.addresses = {
      apiUrl: api.http.apiEndpoint,
      userPoolId: api.people.userPoolId,
      clientId: api.client.userPoolClientId,
      edgeSecretArn: api.edgeSecret?.secretArn,
    };
    this.say({
      EventsStreamName: events.stream.streamName,
      ChargesTableName: detection.charges.tableName,
      CasesTableName: cases.table.tableName,
      IncidentsTableName: alerts.incidents.tableName,
      ControlsTableName: refunds.controls.tableName,
      ReservationsTableName: refunds.reservations.tableName,
      QuarantineTableName: events.quarantine.table.tableName,
      QuarantineBucketName: events.quarantine.bucket.bucketName,
      QuarantineQueueUrl: events.quarantine.queue.queueUrl,
      DeadLetterBucketName: deadLetters.bucket.bucketName,
      AlertsTopicArn: alerts.topic.topicArn,
      ApiUrl: api.http.apiEndpoint,
      UserPoolId: api.people.userPoolId,
      UserPoolClientId: api.client.userPoolClientId,
      RefundStateMachineArn: refunds.machine.stateMachineArn,
      FingerprintSecretArn: fingerprintSecret.secretArn,
      SigningSecretArn: signingSecret.secretArn,
      SealBucketName: sealBucket.bucketName,
      PayerLinkSecretArn: api.payerLinkSecret.secretArn,
      ...(api.edgeSecret === undefined ? {} : { EdgeSecretArn: api.edgeSecret.secretArn }),
      SweepFunctionName: sweep.functionName,
      DispatchFunctionName: dispatch.reader.functionName,
      AlertFunctionName: alert.reader.functionName,
      ExportFunctionName: runners.exports.reader.functionName,
      ApproveFunctionName: runners.approvals.reader.functionName,
      ConfigurationHash: configurationHashOf(readFileSync(configurationFile, 'utf8')),
      ...(version1Windows === undefined ? {} : { WindowsTableName: version1Windows.tableName }),
      ...(refunds.sandbox === undefined ? {} : { SandboxTableName: refunds.sandbox.tableName }),
    });
  }

  /** By place in the region's list: a lookup would tie the template to an account. */
  override get availabilityZones(): string[] {
    return [0, 1].map((zone) => Fn.select(zone, Fn.getAzs()));
  }

  /** What the tools need to find, by names that they rely on. */
  private say(outputs: { readonly [name: string]: string }): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

function stackKey(stack: Stack, settings: StageSettings): Key {
  return new Key(stack, 'Key', {
    description: `Onecharge ${settings.stage}: tables, streams, topics, queues and secrets`,
    enableKeyRotation: true,
    removalPolicy: removalOf(settings),
  });
}

interface SecretProps {
  readonly settings: StageSettings;
  readonly key: Key;
}

/** Made by AWS and read by the functions alone. It must never be replaced: under another, every charge is forgotten. */
function secretOf(stack: Stack, { settings, key }: SecretProps): Secret {
  return new Secret(stack, 'FingerprintSecret', {
    description: 'The key of the fingerprints: who has it can test guesses against the windows',
    encryptionKey: key,
    removalPolicy: removalOf(settings),
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ version: '1' }),
      generateStringKey: 'key',
      passwordLength: 64,
      excludePunctuation: true,
    },
  });
}

/**
 * It begins without a key; operators add them (docs/signing.md). Never change the text here: CloudFormation would put the
 * new text in the place of all keys.
 */
function signingSecretOf(stack: Stack, { settings, key }: SecretProps): Secret {
  return new Secret(stack, 'SigningSecret', {
    description: 'The keys by which sources sign their events: who has one can speak for its source',
    encryptionKey: key,
    removalPolicy: removalOf(settings),
    secretStringValue: SecretValue.unsafePlainText('{"keys":{}}'),
  });
}
