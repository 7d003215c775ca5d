import { traceIdOf } from '../contract/to-run.ts';

/** What a request says of the whole that it is part of. */
export interface TraceHeaders {
  /** W3C trace context, or null when there is none or it is not valid. */
  readonly traceparent: string | null;
  /** `X-Request-Id`, or one of our own. */
  readonly requestId: string;
  /** What problems name: the trace, or else the request. */
  readonly traceId: string;
}

const traceparentForm = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const requestIdForm = /^[\w.:@/+=-]{1,128}$/;

/** What was sent; null for what was not, or is not valid. */
export type SentTrace = { readonly [Name in 'traceparent' | 'requestId']: string | null };

export function readSentTrace(headers: Headers): SentTrace {
  const traceparent = headers.get('traceparent');
  const requestId = headers.get('x-request-id');
  return {
    traceparent: traceparent !== null && isTraceparent(traceparent) ? traceparent : null,
    requestId: requestId !== null && requestIdForm.test(requestId) ? requestId : null,
  };
}

/** Reads the headers, and names a request that has no name. */
export function readTraceHeaders(headers: Headers): TraceHeaders {
  const { traceparent, requestId: sent } = readSentTrace(headers);
  const requestId = sent ?? crypto.randomUUID();
  return { traceparent, requestId, traceId: traceIdOf(traceparent) ?? requestId };
}

function isTraceparent(text: string): boolean {
  const [, trace = '', parent = ''] = traceparentForm.exec(text) ?? [];
  return /[1-9a-f]/.test(trace) && /[1-9a-f]/.test(parent);
}
