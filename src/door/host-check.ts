import { ServerSettingsError } from '../errors.ts';

/** Names of this machine's loopback interface, as clients on it write them. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether only this machine reaches what listens on an address. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** Says whether a `Host` header names this server. */
export type HostCheck = (host: string | null) => boolean;

interface HostName {
  /** Lower case, without a dot at its end; an IPv6 address in brackets, in its shortest form. */
  readonly name: string;
  /** Null where none was written. */
  readonly port: number | null;
}

/** RFC 9112: a name or an address, and perhaps a port. There is no user part in it. */
const form = /^(?:(\[[\da-f:.]{2,45}\])|([\w.-]{1,255}))(?::(\d{1,5}))?$/i;

/**
 * Whether a `Host` header is none that RFC 9112 has: it says one name, and no more. Runtimes that
 * make an address of it would take what is before an `@` for a user, or fail at a list.
 */
export function isHostMalformed(host: string | null): boolean {
  return host !== null && /[\s,@/\\?#]/.test(host);
}

/** How a request whose `Host` is malformed is answered, where the runtime lets it pass. */
export function answerMalformedHost(): Response {
  return new Response('The Host header is not one name.', { status: 400 });
}

/** Null for what is no `Host`. */
function parseHostName(text: string): HostName | null {
  const [, address, name = '', port] = form.exec(text) ?? [];
  const written = address === undefined ? name.toLowerCase() : shorten(address);
  const withoutDot = written.endsWith('.') ? written.slice(0, -1) : written;
  if (withoutDot === '' || withoutDot.startsWith('.') || Number(port ?? 0) > 65_535) return null;
  return { name: withoutDot, port: port === undefined ? null : Number(port) };
}

function shorten(address: string): string {
  return URL.parse(`http://${address}`)?.hostname ?? '';
}

/**
 * Creates the check of `Host` headers against names: with a port, only at that port, else at every
 * one. It is what keeps a page from reaching a server on loopback by a name of its own that leads
 * there (DNS rebinding). Throws `ServerSettingsError` for a name that is none.
 */
export function createHostCheck(allowed: readonly string[]): HostCheck {
  const names = allowed.map((text) => {
    const host = parseHostName(text);
    if (host !== null) return host;
    throw new ServerSettingsError(
      `'${text}' is no allowed host: write a name or an address, with a port if only that one is meant, such as kedro.example.org, 10.0.0.7:8000 or [::1].`,
    );
  });
  let lastAllowed: string | null = null;
  return (text) => {
    if (text === null) return false;
    if (text === lastAllowed) return true;
    const host = parseHostName(text);
    const isAllowed =
      host !== null &&
      names.some(
        ({ name, port }) => name === host.name && (port === null || port === (host.port ?? port)),
      );
    if (isAllowed) lastAllowed = text;
    return isAllowed;
  };
}
