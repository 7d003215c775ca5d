import { ServerSettingsError } from '../errors.ts';

/** What of a request tells which page it comes from. */
export interface PageRequest {
  readonly method: string;
  readonly headers: Pick<Headers, 'get'>;
}

/** Says whether the page that sent a request may call this server; what is no page may. */
export type PageCheck = (request: PageRequest) => boolean;

/**
 * Creates the check that keeps pages of other origins out. Browsers say it by `Sec-Fetch-Site`,
 * which no page can set, and older ones by `Origin` alone. `same-site` is another origin too: a page
 * on another port of this machine is that. A link that is followed may show what GET answers: the
 * page it comes from does not see it. Throws `ServerSettingsError` for an origin that is none.
 */
export function createPageCheck(allowedOrigins: readonly string[]): PageCheck {
  const allowed = new Set(allowedOrigins.map(requireOrigin));
  return ({ method, headers }) => {
    const site = headers.get('sec-fetch-site');
    const origin = headers.get('origin');
    if (site === null && origin === null) return true;
    if (site === 'same-origin' || site === 'none') return true;
    if (origin !== null && allowed.has(origin)) return true;
    if (site === null) return hostOf(origin) === headers.get('host')?.toLowerCase();
    return (
      (method === 'GET' || method === 'HEAD') &&
      headers.get('sec-fetch-mode') === 'navigate' &&
      headers.get('sec-fetch-dest') === 'document'
    );
  };
}

/** Throws `ServerSettingsError`. */
export function requireOrigin(text: string): string {
  const origin = URL.parse(text)?.origin;
  if (origin !== undefined && origin !== 'null' && origin === text.toLowerCase()) return origin;
  throw new ServerSettingsError(
    `'${text}' is no origin of a page: write it as browsers do, such as https://app.example.org or http://localhost:3000.`,
  );
}

function hostOf(origin: string | null): string | null {
  return URL.parse(origin ?? '')?.host ?? null;
}
