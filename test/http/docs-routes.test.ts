import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, test, vi } from 'vitest';

import { createHttpServer } from '../../src/http/create-http-server.ts';
import { swaggerUiFiles } from '../../src/http/docs-page.ts';
import { createMemoryExecutor } from './memory-executor.ts';

const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');

test('with the files of Swagger UI the page needs no other host', async () => {
  const read: string[] = [];
  const app = createHttpServer({
    executor: createMemoryExecutor(),
    docsAssets: {
      read: (name) => {
        read.push(name);
        return Promise.resolve(new TextEncoder().encode(`/* ${name} */`));
      },
    },
  });
  const page = await app.request('/docs');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const html = await page.text();
  expect(html).not.toMatch(/https?:/);
  const links = [...html.matchAll(/(?:href|src)="(docs\/[^"]*)"/g)].map(([, link]) => link);
  expect(links).toEqual(['docs/swagger-ui.css', 'docs/swagger-ui-bundle.js']);

  const styles = await app.request('/docs/swagger-ui.css');
  expect(styles.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(await styles.text()).toBe('/* swagger-ui.css */');
  const script = await app.request('/docs/swagger-ui-bundle.js');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect((await app.request('/docs/package.json')).status).toBe(404);
  expect(read).toEqual(['swagger-ui.css', 'swagger-ui-bundle.js']);
});

test('a file that is not there is 404', async () => {
  const app = createHttpServer({
    executor: createMemoryExecutor(),
    docsAssets: { read: () => Promise.resolve(null) },
  });
  expect((await app.request('/docs/swagger-ui.css')).status).toBe(404);
});

test('without them the page takes the installed version from jsDelivr, checked', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const html = await (await app.request('/docs')).text();
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  for (const { name, integrity } of Object.values(swaggerUiFiles)) {
    expect(html).toContain(
      `"https://cdn.jsdelivr.net/npm/swagger-ui-dist@${version}/${name}" integrity="${integrity}"`,
    );
    const bytes = await readFile(join(dirname(manifest), name));
    expect(integrity).toBe(`sha384-${createHash('sha384').update(bytes).digest('base64')}`);
  }
});

test('the reference is not part of the document', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const document = (await (await app.request('/openapi.json')).json()) as { paths: object };
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/health', '/run', '/runs']));
  expect(Object.keys(document.paths).filter((path) => /docs|openapi/.test(path))).toEqual([]);
});

test.each([
  ['/docs', '/openapi.json', { paths: {} }],
  ['/kedro/docs', '/kedro/openapi.json', { paths: {}, servers: [{ url: '/kedro' }] }],
])('the page at %s shows %s and calls what is beside it', async (path, document, spec) => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const html = await (await app.request('/docs')).text();
  const script = /<script>([^]*?)<\/script>/.exec(html)?.[1] ?? '';
  const shown = vi.fn<(options: { readonly spec: unknown }) => void>();
  const fetched = vi.fn<(url: string) => Promise<object>>(() =>
    Promise.resolve({ json: () => ({ paths: {} }) }),
  );
  const page = createContext({
    URL,
    location: { href: `http://localhost:8000${path}#/pipeline` },
    fetch: fetched,
    SwaggerUIBundle: shown,
  });
  await runInContext(script, page);
  expect(fetched).toHaveBeenCalledExactlyOnceWith(document);
  expect(shown.mock.calls[0]?.[0].spec).toEqual(spec);
});
