import { createServer } from 'node:http';

const health = JSON.stringify({ '/health': '{"status":"healthy","kedro_version":"1.7.0"}' });

/** `PORT [ANSWERS]`: a runtime's own server, which knows its answers: JSON of bodies by path. */
const port = Number(process.argv[2]);
const bodies = JSON.parse(process.argv[3] ?? health) as Readonly<Record<string, string>>;
const answers = new Map(Object.entries(bodies));
const headers = { 'content-type': 'application/json' };

interface FetchServer {
  serve(options: {
    readonly port: number;
    readonly hostname: string;
    onListen?(): void;
    readonly fetch: typeof answer;
    readonly handler: typeof answer;
  }): unknown;
}

async function answer(request: Request): Promise<Response> {
  if (request.method === 'POST') JSON.parse(await request.text());
  const body = answers.get(new URL(request.url).pathname);
  return new Response(String(body), { status: body === undefined ? 404 : 200, headers });
}

const { Deno, Bun } = globalThis as { readonly Deno?: FetchServer; readonly Bun?: FetchServer };
const own = Deno ?? Bun;
if (own !== undefined) {
  own.serve({ port, hostname: '127.0.0.1', onListen: () => {}, fetch: answer, handler: answer });
} else {
  createServer((request, response) => {
    const end = (): void => {
      const body = String(answers.get(request.url ?? ''));
      response.writeHead(body === 'undefined' ? 404 : 200, {
        ...headers,
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    };
    if (request.method !== 'POST') return end();
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      JSON.parse(text);
      end();
    });
  }).listen(port, '127.0.0.1');
}
