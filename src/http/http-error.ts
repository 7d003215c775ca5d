type HttpErrorStatus = 403 | 404 | 405 | 408 | 413 | 503;

/** A request that is answered with an error status and `{"detail": message}`. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: HttpErrorStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: HttpErrorStatus, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export function notFound(): HttpError {
  return new HttpError(404, 'Not Found');
}

/** `allow` lists the methods that the path has. */
export function methodNotAllowed(allow: string): HttpError {
  return new HttpError(405, 'Method Not Allowed', { allow });
}

export function serverClosing(): HttpError {
  return new HttpError(503, 'The server is shutting down and takes no new requests. Try again.', {
    'retry-after': '5',
  });
}
