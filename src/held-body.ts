const held = new WeakSet<Request>();

/**
 * Says of a request that its body is what a server's parser has taken from the connection, which is
 * never longer than its `Content-Length`.
 */
export function holdBody(request: Request): void {
  held.add(request);
}

/** Whether the body can be no longer than the request says. */
export function isBodyHeld(request: Request): boolean {
  return held.has(request);
}
