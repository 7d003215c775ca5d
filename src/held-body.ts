const held = new WeakSet<Request>();

/**
 * Says of a request that its body is what a server's parser has taken from the connection, which is
 * never longer than its `Content-Length`.
 */
export function holdBody(request: Request): void {
  held.add(request);
}

/** Whether a parser knows how long the body is before it comes. */
export function hasLength(headers: Headers): boolean {
  return headers.has('content-length') && !headers.has('transfer-encoding');
}

/** Whether the body can be no longer than the request says. */
export function isBodyHeld(request: Request): boolean {
  return held.has(request);
}
