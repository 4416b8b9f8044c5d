import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

/** Puts at most 500 records. Answers, in their order, the error code of each record that the stream refused. */
export function putTo(
  kinesis: KinesisClient,
  streamName: string,
): (
  batch: readonly { readonly bytes: Uint8Array; readonly partitionKey: string }[],
) => Promise<readonly (string | undefined)[]> {
  return async (batch) => {
    const Records = batch.map(({ bytes, partitionKey }) => ({ Data: bytes, PartitionKey: partitionKey }));
    const answer = await kinesis.send(new PutRecordsCommand({ StreamName: streamName, Records }));
    return (answer.Records ?? []).map(({ ErrorCode }) => ErrorCode);
  };
}
