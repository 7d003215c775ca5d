import { KedroServerError, ServerSettingsError } from '../errors.ts';

/** Where to listen: at the Unix socket `path`, or else at a port. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
  readonly path: string | undefined;
}

/** What to throw for an error of a runtime that could not listen where it was asked to. */
export function toListenError(error: unknown, place: Place): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const { path } = place;
  return path === undefined ? toAddressError(error, code, place) : toSocketError(error, code, path);
}

function toAddressError(error: unknown, code: unknown, { port, hostname }: Place): unknown {
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return new KedroServerError(
        'port-in-use',
        `Port ${port} on ${hostname} is already in use. ` +
          'Stop what listens there, or choose another port (0 takes a free one).',
        options,
      );
    case 'EACCES':
      return new ServerSettingsError(
        `Port ${port} may not be opened by this user. Choose one above 1023.`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ServerSettingsError(
        `Host '${hostname}' is no address of this machine. ` +
          'Use 127.0.0.1 for this machine only, or 0.0.0.0 for every network it is on.',
        options,
      );
    default:
      if (Number.isInteger(port) && port >= 0 && port <= 65_535) return error;
      return new ServerSettingsError(`Port ${port} does not exist: use 0 to 65535.`, options);
  }
}

function toSocketError(error: unknown, code: unknown, path: string): unknown {
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return new KedroServerError(
        'port-in-use',
        `The socket '${path}' is already in use. Stop what listens there, or choose another path.`,
        options,
      );
    case 'EACCES':
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EROFS':
      return new ServerSettingsError(
        `The socket '${path}' cannot be made (${code}). Choose a path in a folder that is there and that this user may write to.`,
        options,
      );
    default:
      return error;
  }
}
