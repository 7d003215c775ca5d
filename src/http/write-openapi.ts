import type { Hono } from 'hono';
import { definitionsOf } from './routes/create-typed-route.ts';

/** Writes the OpenAPI document of an app's typed routes; `version` is Kedro's. */
export async function writeOpenApi(app: Pick<Hono, 'routes'>, version: string): Promise<string> {
  const { OpenAPIRegistry, OpenApiGeneratorV31 } = await import('@asteasolutions/zod-to-openapi');
  const registry = new OpenAPIRegistry();
  for (const route of definitionsOf(app)) registry.registerPath(route);
  const { openapi, info, components, paths } = new OpenApiGeneratorV31(
    registry.definitions,
  ).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Kedro Server',
      description: 'HTTP API for triggering pipeline runs, inspecting project metadata, and more',
      version,
    },
  });
  return JSON.stringify({ openapi, info, paths, components: { schemas: components?.schemas } });
}
