import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { named } from '../../core/queries/view-schema.ts';

/** What went wrong for the caller, as RFC 9457 says it. The title is the status in words. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.headers = headers;
  }
}

export const problemSchema = z
  .strictObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
  })
  .register(named, { id: 'Problem' });

export function problemDetails({ status, message, headers }: Problem): APIGatewayProxyStructuredResultV2 {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    statusCode: status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail: message }),
  };
}
