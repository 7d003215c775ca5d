import { describe, expect, inject, test } from 'vitest';

import { createHttpServer } from '../../src/http/create-http-server.ts';
import { createMemoryExecutor } from '../http/memory-executor.ts';
import kedroOpenApi from './fixtures/kedro-openapi.json' with { type: 'json' };
import { normalizeOpenApi } from './normalize-openapi.ts';
import { readKedroOpenApi } from './read-kedro-openapi.ts';

interface OpenApi {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** The part of a document that has these paths and schemas. */
function pick({ paths, components, ...rest }: OpenApi, like: OpenApi): OpenApi {
  const those = (members: Readonly<Record<string, unknown>>, names: object) =>
    Object.fromEntries(Object.entries(members).filter(([name]) => name in names));
  return {
    ...rest,
    paths: those(paths, like.paths),
    components: { schemas: those(components.schemas, like.components.schemas) },
  };
}

test("the OpenAPI document says of Kedro's routes what Kedro's says", async () => {
  const app = createHttpServer({ executor: createMemoryExecutor() });
  const response = await app.request('/openapi.json');
  expect(response.headers.get('content-type')).toBe('application/json');
  const document = (await response.json()) as OpenApi;
  const kedros = pick(document, kedroOpenApi);
  expect(normalizeOpenApi(kedros)).toEqual(normalizeOpenApi(kedroOpenApi));
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
