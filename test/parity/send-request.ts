import { type IncomingHttpHeaders, request } from 'node:http';

import type { RequestStep } from './parity-case.ts';

/** What came back, or why nothing did. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request as it is, on a connection of its own. */
export async function sendRequest(url: string, step: RequestStep): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const body = step.body === undefined ? null : Buffer.from(step.body);
  const framing =
    body === null
      ? {}
      : step.chunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': body.length };
  return await new Promise<Answer>((resolve, reject) => {
    const sent = request(
      {
        agent: false,
        hostname,
        port,
        method: step.method,
        path: step.path,
        headers: { ...framing, ...step.headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}
