const redacted = '<redacted>';
const url =
  /(?<scheme>[a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#'")\]]*@)?(?<rest>[^\s'"<>)\]?#]*)(?:\?[^\s'")\]#]*)?(?:#[^\s'")\]]*)?/giu;

/** Texts whose URLs have lost user names, passwords, query strings and fragments. */
export function redactUrls(text: string): string {
  return text.replaceAll(url, (found: string, scheme: string, rest: string) => {
    const authority = /^[^/?#]*@/u.test(found.slice(scheme.length)) ? `${redacted}@` : '';
    const query = found.includes('?') ? `?${redacted}` : '';
    const fragment = found.includes('#') ? `#${redacted}` : '';
    return `${scheme}${authority}${rest}${query}${fragment}`;
  });
}
