import { z } from 'zod';

import type { HttpServer } from '../../src/http/create-http-server.ts';

type Content = Readonly<Record<string, { readonly schema: object }>>;

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Puts what a reference names in its place, and lets objects have no keys but those described. */
function resolve(value: unknown, schemas: Document['components']['schemas']): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, schemas));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) {
    return resolve(schemas[String(value.$ref).replace('#/components/schemas/', '')], schemas);
  }
  const { discriminator: _, ...schema } = value as Record<string, unknown>;
  const resolved = Object.fromEntries(
    Object.entries(schema).map(([key, member]) => [key, resolve(member, schemas)]),
  );
  return 'properties' in schema ? { additionalProperties: false, ...resolved } : resolved;
}

/** Checks answers against what the server's own document says of them; throws where they differ. */
export async function createAnswerCheck(
  app: HttpServer,
): Promise<(method: string, path: string, status: number, body: unknown) => void> {
  const { paths, components } = (await (await app.request('/openapi.json')).json()) as Document;
  return (method, path, status, body) => {
    const response = paths[path]?.[method.toLowerCase()]?.responses[status];
    if (response === undefined)
      throw new Error(`${method} ${path} has no ${status} in the document`);
    const { content } = response;
    const described = content['application/json'] ?? content['application/problem+json'];
    if (described === undefined) throw new Error(`${method} ${path} has no JSON for ${status}`);
    const schema = resolve(described.schema, components.schemas);
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).parse(body);
  };
}
