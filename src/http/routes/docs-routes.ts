import { type Context, Hono } from 'hono';
import type { RunMetrics } from '../../run/run-metrics.ts';
import { countAnswers } from '../count-answers.ts';
import { swaggerUiFiles, writeDocsPage } from '../docs-page.ts';
import { notFound } from '../http-error.ts';
import { jsonResponse } from '../json-response.ts';

/** Where the files of Swagger UI are; a runtime with a file system has them in `swagger-ui-dist`. */
export interface DocsAssets {
  /** Reads a file by its name, such as `swagger-ui.css`; null when there is none. */
  read(name: string): Promise<Uint8Array | null>;
}

export interface DocsRoutesOptions {
  readonly docsAssets: DocsAssets | undefined;
  /** Writes the OpenAPI document. */
  readonly writeDocument: () => Promise<string>;
  readonly metrics: Pick<RunMetrics, 'countRoute'>;
}

/** The API reference; like Kedro's, these routes also answer HEAD and are not in the document. */
export function createDocsRoutes({ docsAssets, writeDocument, metrics }: DocsRoutesOptions) {
  const page = writeDocsPage({ local: docsAssets !== undefined });
  const routes = new Hono();
  function add(
    path: string,
    route: string,
    answer: (context: Context) => Response | Promise<Response>,
  ): void {
    routes.get(path, countAnswers(metrics.countRoute(route), answer));
  }
  add('/openapi.json', '/openapi.json', async ({ req: { path } }) => {
    const document = await writeDocument();
    const prefix = encodeURI(path.slice(0, -'/openapi.json'.length));
    return jsonResponse(prefix === '' ? document : withServer(document, prefix));
  });
  add('/docs', '/docs', () => {
    return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  });
  if (docsAssets !== undefined) {
    for (const { name, contentType } of Object.values(swaggerUiFiles)) {
      add(`/docs/${name}`, '/docs/{file}', async () => {
        const bytes = await docsAssets.read(name);
        if (bytes === null) throw notFound();
        const headers = { 'content-type': contentType, 'cache-control': 'max-age=3600' };
        return new Response(Uint8Array.from(bytes), { headers });
      });
    }
  }
  return routes;
}

/** Says in a document, whose last character is a brace, that its paths are below `url`. */
function withServer(document: string, url: string): string {
  return `${document.slice(0, -1)},"servers":${JSON.stringify([{ url }])}}`;
}
