import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createHttpServer, loopbackHosts, serve } from '../../src/adapters/node.ts';
import { allRuns } from '../../src/run/run-store.ts';
import { findChromium } from '../chromium.ts';
import { eventually } from '../eventually.ts';
import { createFixture } from './fixture.ts';
import { pageAttempts } from './page-attempts.ts';

interface Seen {
  readonly request: string;
  readonly status: number;
}

/** A server as the command line has it on loopback, with what browsers have asked it for. */
async function startServer(allowedOrigins: readonly string[]) {
  const { executor } = createFixture();
  const app = createHttpServer({ executor, allowedHosts: loopbackHosts, allowedOrigins });
  const seen: Seen[] = [];
  const server = await serve(
    {
      fetch: async (request, env) => {
        const answer = await app.fetch(request, env);
        // Chromium asks for it by itself.
        if (!request.url.endsWith('/favicon.ico')) {
          seen.push({ request: describeRequest(request), status: answer.status });
        }
        return answer;
      },
      ready: app.ready,
      close: app.close,
    },
    { port: 0 },
  );
  return { app, seen, server };
}

/** As the table in `docs/security.md` shows it. */
function describeRequest({ method, url, headers }: Request): string {
  const shown = [method];
  const { host } = new URL(url);
  if (host.startsWith('evil')) shown.push('Host: evil.example');
  if (headers.has('origin')) shown.push('Origin');
  for (const name of ['Site', 'Mode', 'Dest']) {
    const value = headers.get(`sec-fetch-${name}`);
    if (value !== null && value !== 'empty') shown.push(`Sec-Fetch-${name}: ${value}`);
  }
  return shown.map((part) => `\`${part}\``).join(', ');
}

describe.skipIf(inject('chromiumMissing') !== null)('pages in Chromium', () => {
  let browser: Browser;
  const page = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<title>A page</title>');
  });
  let port = 0;
  beforeAll(async () => {
    await once(page.listen(0, '127.0.0.1'), 'listening');
    const address = page.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    browser = await chromium.launch({
      executablePath: await findChromium(),
      // What a browser does on its own goes nowhere.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP *.invalid ~NOTFOUND',
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    page.close();
  });

  /** What a page at `origin` is told of each attempt on the server, and what it sent. */
  async function tryAll(origin: string, { server, seen }: Awaited<ReturnType<typeof startServer>>) {
    const context = await browser.newContext();
    const told: string[] = [];
    for (const { script } of pageAttempts) {
      const tab = await context.newPage();
      await tab.goto(origin);
      const before = seen.length;
      told.push(await tab.evaluate<string>(`((url) => ${script})(${JSON.stringify(server.url)})`));
      await eventually(() => expect(seen.length).toBeGreaterThan(before));
    }
    await context.close();
    return told;
  }

  test.each([
    ['127.0.0.1', 'same-site'],
    ['localhost', 'cross-site'],
  ])('of another origin, on %s, start nothing and are told nothing', async (name, site) => {
    const running = await startServer([]);
    await using _ = running.server;
    const told = await tryAll(`http://${name}:${port}`, running);
    expect(told).toEqual(pageAttempts.map((attempt) => attempt.told));
    expect(running.seen.map(({ status }) => status)).toEqual(pageAttempts.map(() => 403));
    for (const { request } of running.seen) {
      if (!request.startsWith('`OPTIONS`')) expect(request).toContain(`Sec-Fetch-Site: ${site}`);
    }
    expect(await running.app.runs.list(allRuns)).toEqual([]);
  });

  test('of an origin that is let in are told by fetch, and by nothing that hides who asks', async () => {
    const origin = `http://127.0.0.1:${port}`;
    const running = await startServer([origin]);
    await using _ = running.server;
    const told = await tryAll(origin, running);
    expect(told).toEqual(pageAttempts.map((attempt) => attempt.letIn ?? attempt.told));
    const refused = running.seen.filter(({ status }) => status === 403);
    expect(refused.map(({ request }) => request)).toEqual([
      expect.stringContaining('Sec-Fetch-Dest: image') as string,
      expect.stringContaining('Sec-Fetch-Dest: script') as string,
      expect.stringContaining('Sec-Fetch-Dest: iframe') as string,
    ]);
  });

  test('are tried as docs/security.md has it, which shows the answers', async () => {
    const running = await startServer([]);
    await using _ = running.server;
    const { seen, server } = running;
    await tryAll(`http://127.0.0.1:${port}`, running);
    const tab = await browser.newPage();
    const rebound = await tab.goto(`http://evil.example:${server.port}/snapshot`);
    expect(await rebound?.text()).toContain("This server is not known as 'evil.example");
    await tab.goto(`${server.url}/docs`);
    const names = [
      ...pageAttempts.map(({ name }) => name),
      'a name of its own that leads to `127.0.0.1`',
      'nothing: `/docs` typed into the address bar',
    ];
    // Chromium sends again, on another connection, what is answered with 421.
    const sent = seen.filter(({ status }, at) => status !== 421 || seen[at - 1]?.status !== 421);
    // The last is the page itself; then come its files.
    const rows = names.map((name, at) => [name, sent[at]?.request, String(sent[at]?.status)]);
    const text = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
    const [, table = ''] = text.split('| The page tries ');
    const shown = table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
    const cells = shown.map((row) =>
      row
        .split('|')
        .slice(1, 4)
        .map((cell) => cell.trim()),
    );
    expect(cells).toEqual(rows);
  });
});
