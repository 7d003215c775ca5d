import { redactParts, redactUrls } from './redact-url.ts';

/**
 * The text without the user parts, query strings and fragments of URLs, and of a path that was
 * once a URL: what Kedro's `_redact_url_credentials` does to messages and file paths.
 */
export function redactUrlCredentials(text: string): string {
  if (text.includes('://')) return redactUrls(text);
  if (text.includes(' ')) return text;
  const delimiter = text.search(/[/?#]/u);
  if (delimiter === -1) return text;
  const isUrl = text.slice(0, delimiter).includes('@') || /[?#]/u.test(text);
  return isUrl ? redactParts(text) : text;
}
