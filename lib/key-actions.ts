/**
 * What a caller needs of a customer key for what it does with a service that encrypts under it. Spelled out where AWS
 * documents `kms:ReEncrypt*` and `kms:GenerateDataKey*`: key pairs are never made.
 * Source: the encryption chapters of the developer guides of DynamoDB, S3, SQS, SNS and Secrets Manager.
 */
export const KEY_FOR_TABLE_READS = ['kms:Decrypt', 'kms:DescribeKey'] as const;
export const KEY_FOR_TABLE_WRITES = [
  ...KEY_FOR_TABLE_READS,
  'kms:Encrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
] as const;
/** Reading a stream or a secret. */
export const KEY_FOR_READS = ['kms:Decrypt'] as const;
/** Putting an object into a bucket. */
export const KEY_FOR_OBJECTS = ['kms:GenerateDataKey'] as const;
/** Sending to a queue or publishing to a topic. */
export const KEY_FOR_MESSAGES = ['kms:GenerateDataKey', 'kms:Decrypt'] as const;
