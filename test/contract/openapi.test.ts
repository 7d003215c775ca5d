import { describe, expect, inject, test } from 'vitest';

import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';
import kedroOpenApi from './fixtures/kedro-openapi.json' with { type: 'json' };
import { normalizeOpenApi } from './normalize-openapi.ts';
import { readKedroOpenApi } from './read-kedro-openapi.ts';

interface Operation {
  readonly responses: Readonly<Record<string, unknown>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

function mapValues<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
) {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, map(value, name)]),
  );
}

/** The part of `object` that has the names which `like` has. */
function pick<Value>(object: Readonly<Record<string, Value>>, like: object = {}) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name in like));
}

/** The part of a document that has the paths, statuses and schemas of another. */
function pickDocument({ paths, components, ...rest }: OpenApi, like: OpenApi): OpenApi {
  return {
    ...rest,
    paths: mapValues(pick(paths, like.paths), (methods, path) =>
      mapValues(methods, (operation, method) => ({
        ...operation,
        responses: pick(operation.responses, like.paths[path]?.[method]?.responses),
      })),
    ),
    components: { schemas: pick(components.schemas, like.components.schemas) },
  };
}

test("the OpenAPI document says of Kedro's routes what Kedro's says", async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const response = await app.request('/openapi.json');
  expect(response.headers.get('content-type')).toBe('application/json');
  const document = (await response.json()) as OpenApi;
  const kedros = pickDocument(document, kedroOpenApi);
  expect(normalizeOpenApi(kedros)).toEqual(normalizeOpenApi(kedroOpenApi));
});

test('of Kedro’s routes the document has all statuses, those that Kedro’s leaves out included', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const { paths } = (await (await app.request('/openapi.json')).json()) as OpenApi;
  const statuses = mapValues(pick(paths, kedroOpenApi.paths), (methods) =>
    mapValues(methods, ({ responses }) => Object.keys(responses)),
  );
  expect(statuses).toEqual({
    '/health': { get: ['200', '503'] },
    '/snapshot': { get: ['200', '304', '422', '503'] },
    '/run': { post: ['200', '400', '403', '408', '413', '422', '503'] },
  });
});

test('the document describes everything in words', async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const document = (await (await app.request('/openapi.json')).json()) as {
    components: { schemas: Record<string, { description?: string }> };
    paths: Record<string, Record<string, { description?: string }>>;
  };
  const described = [
    ...Object.values(document.components.schemas),
    ...Object.values(document.paths).flatMap((methods) => Object.values(methods)),
  ];
  expect(described.filter(({ description }) => !description)).toEqual([]);
});

describe.skipIf(inject('pythonMissing') !== null)('the fixture', () => {
  // `vitest run test/contract/openapi -u` writes it anew.
  test('is the document of the newest Kedro', async () => {
    await expect(await readKedroOpenApi()).toMatchFileSnapshot('fixtures/kedro-openapi.json');
  }, 60_000);
});
