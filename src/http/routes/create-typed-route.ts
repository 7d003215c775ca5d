import { OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi';

/** Describes a JSON body of an answer. */
export function jsonBody<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/**
 * Creates an app of one route that is in the document and typed for `hc`, but whose handler reads
 * the request itself, as pydantic does. zod-openapi would put its own checks before the handler;
 * without them Hono answers it without composing.
 */
export function createTypedRoute<Route extends RouteConfig>(
  route: Route,
  handler: (request: Request) => Response | Promise<Response>,
) {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerPath(route);
  const unchecked: Route = { ...route, request: undefined, hide: true };
  const answer = (c: { readonly req: { readonly raw: Request } }) => handler(c.req.raw);
  return app.openapi(unchecked, answer);
}
