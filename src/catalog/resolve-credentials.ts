import { DatasetError } from './dataset-error.ts';
import { isPlainObject, mapValues } from './plain-object.ts';

/**
 * The entry with its credentials in place of their names, at any depth of maps. Throws
 * `DatasetError` (`credentials-not-found`).
 */
export function resolveCredentials(
  entry: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return mapValues(entry, (value, key) => {
    if (isPlainObject(value)) return resolveCredentials(value, credentials);
    if (key !== 'credentials' || typeof value !== 'string') return value;
    if (Object.hasOwn(credentials, value)) return credentials[value];
    throw new DatasetError(
      'credentials-not-found',
      `Unable to find credentials '${value}': check your data catalog and credentials configuration.`,
    );
  });
}
