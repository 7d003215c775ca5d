import type * as Adapter from '../../src/adapters/node.ts';

const runtime = ['deno', 'bun'].find((name) => name in process.versions) ?? 'node';

/** What the package has for the runtime that this runs in. */
export const { createHttpServer, serve } = (await import(
  `../../src/adapters/${runtime}.ts`
)) as typeof Adapter;
