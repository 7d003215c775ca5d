import type { RouteConfig } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { ErrorMessage } from '../contract/error-message.ts';
import { runCookie } from './callers.ts';
import { isKedrosPath } from './known-paths.ts';
import { problemBody } from './routes/create-problem-route.ts';
import {
  type DefinedRoute,
  definitionsOf,
  jsonBody,
  toHonoPath,
} from './routes/create-typed-route.ts';

const securitySchemes = {
  bearer: {
    type: 'http' as const,
    scheme: 'bearer',
    description: 'A key of `kedro-server keys new`, a token of the issuer, or one for one run.',
  },
  runCookie: {
    type: 'apiKey' as const,
    in: 'cookie' as const,
    name: runCookie,
    description: 'A token for one run, as `POST /runs/{id}/token` sets it.',
  },
};

/**
 * Writes the OpenAPI document of an app's typed routes; `version` is Kedro's. `isLocked` tells
 * whether the server asks who calls.
 */
export async function writeOpenApi(
  app: Pick<Hono, 'routes'>,
  version: string,
  isLocked: boolean,
): Promise<string> {
  const { OpenAPIRegistry, OpenApiGeneratorV31 } = await import('@asteasolutions/zod-to-openapi');
  const registry = new OpenAPIRegistry();
  for (const route of definitionsOf(app)) registry.registerPath(describe(route, isLocked));
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
  const schemas = components?.schemas;
  return JSON.stringify({
    openapi,
    info,
    paths,
    components: { schemas, ...(isLocked && { securitySchemes }) },
  });
}

function describe({ access, ...route }: DefinedRoute, isLocked: boolean): RouteConfig {
  if (!isLocked) return route;
  if (access === 'open') return { ...route, security: [] };
  const refusal = (meaning: string) =>
    isKedrosPath(toHonoPath(route.path)) ? jsonBody(meaning, ErrorMessage) : problemBody(meaning);
  const bearer = { bearer: [access === 'follow' ? 'read' : access] };
  return {
    ...route,
    security: access === 'follow' ? [bearer, { runCookie: [] }] : [bearer],
    responses: {
      401: refusal('Who calls is not known.'),
      403: refusal('The token is not good for this.'),
      429: refusal('There were too many requests; `Retry-After` says when to try again.'),
      ...route.responses,
    },
  };
}
