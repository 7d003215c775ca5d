const wording = new Set(['title', 'description', 'summary', 'operationId', 'tags']);
const namesOfTheirOwn = new Set(['properties', 'schemas', 'paths', 'responses', 'mapping']);

/**
 * An OpenAPI document without its wording, and with one spelling for what JSON Schema can say in
 * several ways: a constant is an enum of one, `type: [a, null]` an `anyOf`, and a schema that
 * allows anything is not written down.
 */
export function toMeaning(value: unknown, keepNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => toMeaning(item));
  if (typeof value !== 'object' || value === null) return value;
  const {
    const: constant,
    type,
    ...rest
  } = Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => keepNames || !(wording.has(key) || allowsAnything(key, item)))
      .map(([key, item]) => [key, toMeaning(item, namesOfTheirOwn.has(key))]),
  );
  if (keepNames) return { ...rest, ...present({ const: constant, type }) };
  if (Array.isArray(type)) {
    return {
      anyOf: type.map((name) => (name === 'null' ? { type: name } : { type: name, ...rest })),
    };
  }
  return {
    ...rest,
    ...present({ type, enum: constant === undefined ? rest['enum'] : [constant] }),
  };
}

function allowsAnything(key: string, value: unknown): boolean {
  return key === 'additionalProperties' && (value === true || JSON.stringify(value) === '{}');
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
