import type { HttpServer } from '../../src/http/create-http-server.ts';

const jsonHeaders = { 'content-type': 'application/json' };

/** Sends `POST /run`; a text goes as it is, anything else as JSON. */
export function postRun(
  app: Pick<HttpServer, 'request'>,
  body: string | object = {},
  init: RequestInit = {},
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Promise.resolve(
    app.request('/run', { method: 'POST', headers: jsonHeaders, body: text, ...init }),
  );
}

export interface RunAnswer {
  readonly status: 'success' | 'failure';
  readonly run_id: string;
  readonly duration_ms: number;
  readonly error?: { readonly type: string; readonly message: string };
}

export async function runOf(response: Response | Promise<Response>): Promise<RunAnswer> {
  return (await (await response).json()) as RunAnswer;
}
