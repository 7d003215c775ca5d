type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues(object: JsonObject, map: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/** `anyOf: [X, null]` as JSON Schema also writes it: X whose type may be null. */
function foldNull(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const [choice, none] = anyOf as readonly Json[];
  if (!isObject(choice) || !isObject(none) || none['type'] !== 'null') return schema;
  return typeof choice['type'] === 'string'
    ? { ...rest, ...choice, type: [choice['type'], 'null'] }
    : schema;
}

/** Writes what means the same in one way; titles mean nothing, text of our own is not compared. */
function normalizeSchema(value: Json): Json {
  if (Array.isArray(value)) return value.map(normalizeSchema);
  if (!isObject(value)) return value;
  const { title: _, const: constant, properties, required, ...schema } = foldNull(value);
  const result: Record<string, Json> = { ...mapValues(schema, normalizeSchema) };
  if (constant !== undefined) result['enum'] = [constant];
  if (isObject(properties)) result['properties'] = mapValues(properties, normalizeSchema);
  if (Array.isArray(required))
    result['required'] = required.map(String).toSorted((a, b) => a.localeCompare(b));
  if ('$ref' in result) delete result['description'];
  const { additionalProperties: extra } = result;
  if (extra === true || (isObject(extra) && Object.keys(extra).length === 0)) {
    delete result['additionalProperties'];
  }
  return result;
}

function withoutDescription(value: Json): Json {
  if (!isObject(value)) return value;
  const { description: _, ...rest } = value;
  return rest;
}

/**
 * Brings an OpenAPI document into a form in which documents that say the same are equal. The
 * prose about operations and components is left out; that about fields and parameters is kept.
 */
export function normalizeOpenApi(document: unknown): unknown {
  const { components, paths, ...rest } = document as {
    readonly components: { readonly schemas: JsonObject };
    readonly paths: { readonly [path: string]: JsonObject };
  };
  return {
    ...rest,
    components: mapValues(components.schemas, (schema) =>
      withoutDescription(normalizeSchema(schema)),
    ),
    paths: mapValues(paths, (methods) =>
      mapValues(methods as JsonObject, (operation) =>
        withoutDescription(normalizeSchema(operation)),
      ),
    ),
  };
}
