/** No answer came, however often it was tried; `cause` is what went wrong last. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';
  readonly code = 'server-unreachable';
  readonly url: string;

  constructor(url: string, cause: unknown) {
    const why = cause instanceof Error ? messageOf(cause) : String(cause);
    super(`${url} cannot be reached: ${why}`, { cause });
    this.url = url;
  }
}

/** `fetch failed` says nothing: what does is its cause. */
function messageOf(error: Error): string {
  const { cause, message } = error;
  if (!(cause instanceof Error)) return message;
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}
