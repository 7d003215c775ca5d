import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { Hono } from 'hono';
import type * as z from 'zod';
import type { Access } from '../../door/principal.ts';
import type { RunMetrics } from '../../run/run-metrics.ts';
import { countAnswers } from '../count-answers.ts';

declare const documented: OpenAPIHono;

/** The app that zod-openapi would make of a route, as `hc` sees it. */
type TypedRoute<Route extends RouteConfig> =
  ReturnType<typeof documented.openapi<Route>> extends OpenAPIHono<
    infer Env,
    infer Schema,
    infer Path
  >
    ? Hono<Env, Schema, Path>
    : never;

/** A request's path, and the parts of it that a route names. */
export interface PathRequest {
  readonly path: string;
  param(name: string): string | undefined;
}

type Answer = (request: Request, path: PathRequest) => Response | Promise<Response>;

/** A route as the document has it, and what its callers have to be allowed. */
export type DefinedRoute = RouteConfig & {
  readonly access: Access;
  /** Whether the same request again may be answered by what the first one did (`Idempotency-Key`). */
  readonly replays?: boolean;
};

const definitions = new WeakMap<object, DefinedRoute>();

/** Describes a JSON body of an answer. */
export function jsonBody<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** Gives the definition of a route its type. */
export function defineRoute<const Route extends DefinedRoute>(route: Route): Route {
  return route;
}

/**
 * Creates an app of one route that is in the document and typed for `hc`, but whose handler reads
 * the request itself, as pydantic does. Only the types are zod-openapi's: importing its code would
 * put all of zod, with every language, into a bundle. `metrics` count each answer.
 */
export function createTypedRoute<Route extends DefinedRoute>(
  route: Route,
  handler: Answer,
  metrics: Pick<RunMetrics, 'countRoute'>,
): TypedRoute<Route>;
export function createTypedRoute(
  route: DefinedRoute,
  handler: Answer,
  metrics: Pick<RunMetrics, 'countRoute'>,
): Hono {
  const answer = countAnswers(
    metrics.countRoute(route.path),
    ({ req }: { readonly req: PathRequest & { readonly raw: Request } }) => handler(req.raw, req),
  );
  definitions.set(answer, route);
  return new Hono().on(route.method, toHonoPath(route.path), answer);
}

/** The path of a definition, `/runs/{id}`, as Hono and the list of known paths write it. */
export function toHonoPath(path: string): string {
  return path.replaceAll(/\{([^{}]+)\}/gu, ':$1');
}

/** The definitions of the typed routes that an app has, in their order. */
export function definitionsOf({ routes }: Pick<Hono, 'routes'>): readonly DefinedRoute[] {
  return routes.flatMap(({ handler }) => definitions.get(handler) ?? []);
}

/** What callers of a handler have to be allowed: for one of no typed route, nothing. */
export function admissionOf(handler: object): Required<Pick<DefinedRoute, 'access' | 'replays'>> {
  const { access = 'open', replays = false } = definitions.get(handler) ?? {};
  return { access, replays };
}
