import { type Env, Hono } from 'hono';
import type { BlankSchema } from 'hono/types';

type SchemaOf<App> = App extends Hono<infer _Env, infer Known, infer _Path> ? Known : never;

type Joined<Apps extends readonly unknown[]> = Apps extends readonly [infer First, ...infer Others]
  ? SchemaOf<First> & Joined<Others>
  : BlankSchema;

/**
 * Creates an app of the routes of all of them. Its schema is one type: the union that Hono's own
 * `route` makes is lost to `hc` as soon as the app has members of ours.
 */
export function joinRoutes<const Apps extends readonly Hono[]>(
  ...apps: Apps
): Hono<Env, Joined<Apps>>;
export function joinRoutes(...apps: readonly Hono[]): Hono {
  const joined = new Hono();
  for (const app of apps) joined.route('/', app);
  return joined;
}
