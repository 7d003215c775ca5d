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

/** Reads the headers; what is not valid in them counts as not sent. */
export function readTraceHeaders(headers: Headers): TraceHeaders {
  const sent = headers.get('traceparent');
  const traceparent = sent !== null && isTraceparent(sent) ? sent : null;
  const id = headers.get('x-request-id');
  const requestId = id !== null && requestIdForm.test(id) ? id : crypto.randomUUID();
  return { traceparent, requestId, traceId: traceIdOf(traceparent) ?? requestId };
}

function isTraceparent(text: string): boolean {
  const [, trace = '', parent = ''] = traceparentForm.exec(text) ?? [];
  return /[1-9a-f]/.test(trace) && /[1-9a-f]/.test(parent);
}
