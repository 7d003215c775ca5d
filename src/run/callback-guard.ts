import { isAddress, isPublicAddress } from './public-address.ts';

/** Names that lead to this machine or its network, whatever a resolver says. */
const closedNames = /(?:^|\.)(?:localhost|local|internal|home\.arpa|localdomain)$/u;

/**
 * What is wrong with the URL of a callback, as a sentence; null when nothing is. With `allowPrivate`
 * it may lead to this machine and its networks. Where a name leads is seen by who connects.
 */
export function checkCallbackUrl(text: string, allowPrivate: boolean): string | null {
  if (!URL.canParse(text)) return 'It is no URL.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `It begins with '${url.protocol}'; callbacks take https: and http:.`;
  }
  if (url.username !== '' || url.password !== '') {
    return 'It has a user or a password in it; sign callbacks with a secret.';
  }
  if (allowPrivate) return null;
  const host = hostOf(url);
  const isOpen = isAddress(host)
    ? isPublicAddress(host)
    : host.includes('.') && !closedNames.test(host);
  return isOpen ? null : notPublic(host);
}

/** `URL` has made dotted decimals of each way to write an IPv4 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/gu, '').replace(/\.$/u, '');
}

function notPublic(host: string): string {
  return `Its host '${host}' is not on the public internet, and the server does not allow others.`;
}
