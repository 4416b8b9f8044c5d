import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What went wrong for the caller, as RFC 9457 says it. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.title = title;
  }
}

export function json(statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function problemDetails({ status, title, message }: Problem): APIGatewayProxyStructuredResultV2 {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail: message });
  return { statusCode: status, headers: { 'content-type': 'application/problem+json' }, body };
}
