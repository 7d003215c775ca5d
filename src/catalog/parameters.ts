import { isPlainObject } from './plain-object.ts';

/** Whether a name is `parameters` or begins with `params:`. */
export function isParameter(name: string): boolean {
  return name === 'parameters' || name.startsWith('params:');
}

/**
 * What each parameter is called in a pipeline: `parameters` for all of them, `params:a` and, below
 * maps, `params:a.b`.
 */
export function nameParameters(
  parameters: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, unknown> {
  const named = new Map<string, unknown>([['parameters', parameters]]);
  const visit = (values: Readonly<Record<string, unknown>>, path: string): void => {
    for (const [key, value] of Object.entries(values)) {
      named.set(path + key, value);
      if (isPlainObject(value)) visit(value, `${path}${key}.`);
    }
  };
  visit(parameters, 'params:');
  return named;
}
