const redacted = '<redacted>';

/** A URL within a text, as Kedro finds it, but in time that is linear in the text. */
const schemeEnd = '://';
const schemeCharacter = /[A-Za-z0-9+.-]/u;
const urlEnd = /[\s'"<>)\]]/u;

/** `rest` is what follows a URL's scheme; unchanged where there is nothing to hide. */
export function redactParts(rest: string): string {
  const tailAt = rest.search(/[?#]/u);
  const path = tailAt === -1 ? rest : rest.slice(0, tailAt);
  const tail = tailAt === -1 ? '' : rest.slice(tailAt);
  const hashAt = tail.indexOf('#');
  const query = hashAt === -1 ? tail : tail.slice(0, hashAt);
  const fragment = hashAt === -1 ? '' : tail.slice(hashAt);
  const slash = path.indexOf('/');
  const at = (slash === -1 ? path : path.slice(0, slash)).lastIndexOf('@');
  if (at === -1 && query.length <= 1 && fragment.length <= 1) return rest;
  const host = at === -1 ? path : `${redacted}@${path.slice(at + 1)}`;
  const hide = (part: string) => (part.length > 1 ? `${part.slice(0, 1)}${redacted}` : '');
  return `${host}${hide(query)}${hide(fragment)}`;
}

/** The text whose URLs have lost user names, passwords, query strings and fragments. */
export function redactUrls(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = text.indexOf(schemeEnd); at !== -1; at = text.indexOf(schemeEnd, at)) {
    let start = at;
    while (start > done && schemeCharacter.test(text.charAt(start - 1))) start -= 1;
    let end = at + schemeEnd.length;
    while (end < text.length && !urlEnd.test(text.charAt(end))) end += 1;
    const from = at + schemeEnd.length;
    if (/[A-Za-z]/u.test(text.slice(start, at)) && end > from) {
      parts.push(text.slice(done, from), redactParts(text.slice(from, end)));
      done = end;
    }
    at = end;
  }
  return parts.join('') + text.slice(done);
}
