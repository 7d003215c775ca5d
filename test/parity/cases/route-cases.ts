import { json, type ParityCase, type RequestStep, run, sends } from '../parity-case.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'];

/** Paths whose every method is tried. `/docs` and `/openapi.json` are compared by their own tests. */
const paths = ['/health', '/snapshot', '/run', '/', '/nope', '/run/nope'];

const slashes = ['/health/', '/snapshot/', '/run/', '/openapi.json/', '/docs/', '/nope/'];

const spellings = [
  '/RUN',
  '/Health',
  '/run//',
  '//run',
  '/%72un',
  '/run%2F',
  '/run%20',
  '/health%00',
  '/health;v=1',
  '/health?',
  '/health?a=1&a=2',
  '/health?%zz',
  '/health/?x=1&y=%20',
  '/snapshot/?params=factor=3',
  '/run/?x=%2F',
  '/h%C3%A9alth',
  '/%ff',
  '/openapi.yaml',
  '/favicon.ico',
  '/robots.txt',
];

function request(method: string, path: string): RequestStep {
  return method === 'POST' && path.startsWith('/run')
    ? { ...run({ runner: 'os.system' }), path }
    : { method, path };
}

export const routeCases: readonly ParityCase[] = [
  ...paths.flatMap((path) =>
    methods.map((method) => sends(`${method} ${path}`, request(method, path))),
  ),
  ...slashes.flatMap((path) =>
    ['GET', 'POST', 'HEAD', 'OPTIONS'].map((method) =>
      sends(`${method} ${path}`, request(method, path)),
    ),
  ),
  ...spellings.map((path) => sends(`GET ${path}`, { method: 'GET', path })),
  ...['HEAD', 'OPTIONS', 'POST', 'DELETE'].flatMap((method) =>
    ['/openapi.json', '/docs'].map((path) => sends(`${method} ${path}`, { method, path })),
  ),
  sends('a query on POST /run', { ...run({ runner: 'os.system' }), path: '/run?runner=x' }),
  sends('GET /health with a body', {
    method: 'GET',
    path: '/health',
    headers: json,
    body: '{"a": 1}',
  }),
  sends('GET /health that accepts only HTML', {
    method: 'GET',
    path: '/health',
    headers: { accept: 'text/html' },
  }),
  sends('PUT /run with a body', { ...run({}), method: 'PUT' }),
  sends('a preflight request', {
    method: 'OPTIONS',
    path: '/run',
    headers: {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  }),
  sends('X-HTTP-Method-Override is not heeded', {
    method: 'GET',
    path: '/health',
    headers: { 'x-http-method-override': 'DELETE' },
  }),
];
