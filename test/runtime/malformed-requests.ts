/**
 * A request that is not HTTP/1.1 by the book, and the status that a runtime's own server answers with
 * where that is not 400; 0 is a closed connection.
 */
export interface MalformedRequest {
  readonly name: string;
  readonly text: string;
  readonly Deno?: number;
  readonly Bun?: number;
  readonly workerd?: number;
}

const get = (headers: string): string =>
  `GET /livez HTTP/1.1\r\nConnection: close\r\n${headers}\r\n\r\n`;

const post = (headers: string, body: string): string =>
  `POST /run HTTP/1.1\r\nConnection: close\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

const chunks = '2\r\n{}\r\n0\r\n\r\n';

/** A row each of the table in `docs/security.md`. */
export const malformedRequests: readonly MalformedRequest[] = [
  { name: 'no `Host`', text: 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', Deno: 200 },
  { name: 'two `Host` headers', text: get('Host: x\r\nhost: y'), workerd: 500 },
  { name: 'the same `Host` twice', text: get('Host: x\r\nHost: x'), workerd: 500 },
  { name: '`Host` as a list', text: get('Host: x, y'), workerd: 500 },
  { name: '`Host` with a user part', text: get('Host: me@x') },
  { name: 'a folded header', text: get('Host: x\r\nX-Long: a\r\n b') },
  {
    name: 'a line that ends with LF alone',
    text: get('Host: x\nX-Short: a'),
    Deno: 200,
    workerd: 200,
  },
  { name: 'a CR alone in a header', text: get('Host: x\r\nX-Short: a\rX-Other: b') },
  { name: 'a NUL in a header', text: get('Host: x\r\nX-Short: a\0b') },
  { name: 'a space before the colon', text: get('Host: x\r\nX-Short : a') },
  {
    name: '`Content-Length` and `Transfer-Encoding`',
    text: post('Content-Length: 5\r\nTransfer-Encoding: chunked', chunks),
    workerd: 200,
  },
  {
    name: 'two `Content-Length` headers',
    text: post('Content-Length: 2\r\nContent-Length: 3', '{} '),
  },
  { name: 'a length that is no number', text: post('Content-Length: +2', '{}') },
  {
    name: '`Transfer-Encoding` that does not end with `chunked`',
    text: post('Transfer-Encoding: chunked, gzip', chunks),
  },
  {
    name: 'a chunk whose size is no number',
    text: post('Transfer-Encoding: chunked', `0x${chunks}`),
    Deno: 0,
  },
];
