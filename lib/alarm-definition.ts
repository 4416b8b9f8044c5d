import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** What an alarm looks at. */
export interface AlarmDefinition {
  readonly metric: IMetric;
  readonly above: number;
  /** Periods of the metric in a row. */
  readonly times: number;
  readonly meaning: string;
}
